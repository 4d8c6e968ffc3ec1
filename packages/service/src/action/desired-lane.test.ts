import { encodeRefusal } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { reporting } from '../../test/reporting.ts'
import { simulateFleet } from '../../test/simulated-fleet.ts'
import { HubError } from '../hub/hub-error.ts'

const offline = new HubError('DeviceOffline', 'away', { retryable: true })

/** A device that is not connected. */
function away() {
  const simulated = simulateFleet()
  simulated.hub.onCall = () => {
    throw offline
  }
  return simulated
}

const whenOffline = 'desired'

/** As the hub keeps the time of a change. */
const at = (time: string) => ({ iothubDM: { reboot: { operationId: { $lastUpdated: time } } } })

describe('an operation for a device that is away', () => {
  it('is refused, unless the twin may be asked', async () => {
    const { cam1, hub } = away()
    await expect(cam1.actions.reboot.begin()).rejects.toBe(offline)
    await expect(cam1.actions.reboot.begin({}, { whenOffline: 'fail' })).rejects.toBe(offline)
    expect(hub.patches).toEqual([])
  })

  it('is asked for in the twin, with the same id and an expiry, and says that nobody has answered', async () => {
    const { cam1, hub } = away()
    const handle = await cam1.actions.reboot.begin({ delaySeconds: 5 }, { whenOffline, retry: { maxTries: 5 } })
    const wanted = { delaySeconds: 5, operationId: 'op-1', expiresAt: '2026-01-02T00:00:00.000Z' }
    expect(hub.payloads).toEqual([wanted])
    expect(hub.desired).toEqual({ iothubDM: { reboot: wanted } })
    expect(handle.recordSource).toBe('request')
    expect(handle.record).toMatchObject({ operationId: 'op-1', state: 'waiting', attempt: 0 })
  })

  it('takes the place of the one before, and none of its members', async () => {
    const { cam1, hub } = away()
    await cam1.actions.reboot.begin({ delaySeconds: 5 }, { whenOffline })
    await cam1.actions.reboot.begin({}, { whenOffline, expiresAt: new Date('2026-03-01T00:00:00Z') })
    expect(hub.desired).toEqual({
      iothubDM: { reboot: { operationId: 'op-2', expiresAt: '2026-03-01T00:00:00.000Z' } },
    })
  })

  it('is asked for also when the device went away before it answered', async () => {
    const { cam1, hub, clock } = away()
    hub.onCall = () => {
      throw new HubError('DeviceOffline', 'left', { retryable: true, outcomeUnknown: true })
    }
    const begun = cam1.actions.reboot.begin({}, { whenOffline })
    await clock.advance(10_000)
    expect((await begun).recordSource).toBe('request')
  })

  it('is followed past the operations before it, to its end', async () => {
    const { cam1, hub, clock } = away()
    const handle = await cam1.actions.calibrate.begin({ target: 1 }, { whenOffline })
    const result = handle.result()
    const report = async (...[members]: [Parameters<typeof reporting>[1]]) => {
      hub.reported = reporting('calibrate', members)
      await clock.advance(3_600_000)
    }
    await report({ operationId: 'op-0', state: 'running' })
    await report({ operationId: 'op-00', state: 'failed' })
    expect(handle.recordSource).toBe('request')
    await report({ operationId: 'op-1', state: 'running' })
    expect(handle.recordSource).toBe('report')
    await report({ operationId: 'op-1', state: 'succeeded', result: { offset: 1 } })
    await expect(result).resolves.toEqual({ offset: 1 })
  })

  it('is taken back while the device has not begun', async () => {
    const { cam1, hub } = away()
    const handle = await cam1.actions.reboot.begin({}, { whenOffline })
    await expect(handle.cancel()).resolves.toBe('cancelled')
    expect(hub.desired).toEqual({ iothubDM: {} })
    await expect(handle.result()).rejects.toMatchObject({ code: 'OperationFailed', record: { state: 'cancelled' } })
  })

  it('is taken back from a device that is there and has not begun', async () => {
    const { cam1, hub } = away()
    const handle = await cam1.actions.reboot.begin({}, { whenOffline })
    hub.onCall = () => encodeRefusal({ code: 'OperationNotFound', message: 'none' })
    await expect(handle.cancel()).resolves.toBe('cancelled')
    expect(handle.record.state).toBe('cancelled')
  })

  it('is cancelled by the device that has taken it up meanwhile', async () => {
    const { cam1, hub } = away()
    const handle = await cam1.actions.reboot.begin({}, { whenOffline })
    hub.onCall = () => ({ status: 200, payload: { operationId: 'op-1', state: 'running' } })
    await expect(handle.cancel()).resolves.toBe('running')
    expect(handle.record.state).toBe('waiting') // the twin will tell
  })

  it('is not told to be cancelled when the device has begun and is away again', async () => {
    const { cam1, hub } = away()
    const handle = await cam1.actions.reboot.begin({}, { whenOffline })
    hub.reported = reporting('reboot', { operationId: 'op-1', state: 'running' })
    await expect(handle.cancel()).rejects.toBe(offline)
    expect(handle.record.state).toBe('waiting')
  })

  it('leaves the request of somebody else alone when it is taken back', async () => {
    const { cam1, hub } = away()
    const first = await cam1.actions.reboot.begin({}, { whenOffline })
    await cam1.actions.reboot.begin({}, { whenOffline })
    await first.cancel()
    expect(hub.desired).toMatchObject({ iothubDM: { reboot: { operationId: 'op-2' } } })
  })

  it('can be taken up by another process before the device has said anything', async () => {
    const { cam1, hub, fleet } = away()
    const { actions } = cam1
    const address = (await actions.reboot.begin({}, { whenOffline })).serialize()
    hub.reported = reporting('reboot', { operationId: 'op-0', state: 'succeeded' })
    expect(await fleet.actions.reboot.attach(address)).toMatchObject({ recordSource: 'request', operationId: 'op-1' })
  })

  it('is not taken up from a request that the device was done with long ago', async () => {
    const { cam1, hub, clock } = away()
    await cam1.actions.reboot.begin({}, { whenOffline })
    hub.desired = { ...hub.desired, $metadata: at('2026-01-01T00:00:00Z') }
    const newer = reporting('reboot', { operationId: 'op-2', state: 'succeeded' })
    hub.reported = { ...newer, $metadata: at('2026-01-01T00:00:01Z') }
    const told = expect(cam1.actions.reboot.attach('op-1')).rejects.toMatchObject({ code: 'OperationNotFound' })
    await clock.advance(10_000)
    await told
  })
})
