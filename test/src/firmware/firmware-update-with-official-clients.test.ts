import { isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { UpdatingDevice } from './updating-device.ts'

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)

function operationOf(reported: JsonObject): JsonObject {
  const { iothubDM } = reported
  const section = isJsonObject(iothubDM) ? iothubDM.firmwareUpdate : undefined
  return isJsonObject(section) ? section : {}
}

function isOver(reported: JsonObject): boolean {
  const { state } = operationOf(reported)
  return state === 'succeeded' || state === 'failed' || state === 'rejected'
}

describe.concurrent('a firmware update with the official service client', () => {
  it('by direct method: the documented section tells the story that the tutorial tells', async () => {
    await using device = await UpdatingDevice.open()
    await device.reported(({ firmware }) => isJsonObject(firmware))
    expect(device.sections[0]).toEqual({
      currentFwVersion: '1.0.0',
      pendingFwVersion: '',
      fwUpdateStatus: 'current',
      fwUpdateSubstatus: '',
      lastFwUpdateStartTime: '',
      lastFwUpdateEndTime: '',
    })
    const answer = await device.invoke({ ...(await device.request()), operationId: 'op-1' })
    expect(answer).toEqual({ status: 202, payload: { operationId: 'op-1', state: 'accepted' } })
    const reported = await device.reported(isOver)
    expect(operationOf(reported)).toMatchObject({
      state: 'succeeded',
      attempt: 2,
      result: { outcome: 'updated', version: '2.0.0', previousVersion: '1.0.0' },
      lastFirmwareUpdate: isoTime,
    })
    expect(reported.firmware).toMatchObject({
      currentFwVersion: '2.0.0',
      pendingFwVersion: '',
      fwUpdateStatus: 'current',
      fwUpdateSubstatus: '',
      lastFwUpdateStartTime: isoTime,
      lastFwUpdateEndTime: isoTime,
    })
    expect(device.sections.filter(({ pendingFwVersion }) => pendingFwVersion === '2.0.0').length).toBeGreaterThan(0)
    // F23: neither the twin nor what is asked of it ever shows the token of the link.
    expect(JSON.stringify([reported, device.sections])).not.toContain('token-of-the-example')
  })

  it('by desired properties, as automatic device management sets them', async () => {
    await using device = await UpdatingDevice.open()
    const { fwPackageUri: fwPackageURI, ...signed } = await device.request()
    const firmware = { fwVersion: '2.0.0', fwPackageURI, ...signed }
    await device.registry.updateTwin('cam-1', { properties: { desired: { firmware } } }, '*')
    const reported = await device.reported(isOver)
    expect(reported.firmware).toMatchObject({ currentFwVersion: '2.0.0', fwUpdateStatus: 'current' })
  })

  it('F14: an insecure URL in the desired properties is reported as documented', async () => {
    await using device = await UpdatingDevice.open()
    const firmware = {
      fwVersion: '2.0.0',
      fwPackageURI: 'http://secureuri/package.bin',
      fwPackageCheckValue: 'ab'.repeat(32),
    }
    await device.registry.updateTwin('cam-1', { properties: { desired: { firmware } } }, '*')
    const reported = await device.reported(isOver)
    expect(reported.firmware).toMatchObject({ fwUpdateStatus: 'error', fwUpdateSubstatus: 'Insecure package URI' })
  })

  it('an image that is not well is rolled back, and the tutorial sees it', async () => {
    await using device = await UpdatingDevice.open()
    device.healthy = false
    await device.invoke({ ...(await device.request()), operationId: 'op-1' })
    const reported = await device.reported(isOver)
    expect(operationOf(reported)).toMatchObject({
      state: 'failed',
      status: 'rolledback',
      error: { code: 'HealthCheckFailed' },
    })
    expect(reported.firmware).toMatchObject({
      currentFwVersion: '1.0.0',
      pendingFwVersion: '2.0.0',
      fwUpdateStatus: 'rolledback',
      fwUpdateSubstatus: expect.stringMatching(/^Rolled back to: 1\.0\.0/),
    })
    expect(device.running).toBe('1.0.0')
  })

  it('what must not be installed has its documented or typed answer, and nothing is fetched', async () => {
    await using device = await UpdatingDevice.open()
    expect(await device.invoke({ fwPackageUri: 'http://images.example.com/a.bin' })).toMatchObject({
      status: 400,
      payload: { error: { issues: [{ message: 'Invalid URL format.  Must use https:// protocol.' }] } },
    })
    // The request of the tutorial of 2017, a text: understood, and refused because nobody has signed it.
    await device.invoke(JSON.stringify({ fwPackageUri: 'https://images.example.com/a.bin', operationId: 'unsigned' }))
    const unsigned = await device.reported(isOver)
    expect(operationOf(unsigned)).toMatchObject({ state: 'rejected', error: { code: 'SignatureInvalid' } })
    expect(unsigned.firmware).toMatchObject({ fwUpdateStatus: 'error' })

    await device.invoke({ ...(await device.request({ version: '1.0.0', sequence: 100 })), operationId: 'current' })
    const current = await device.reported(
      reported => operationOf(reported).operationId === 'current' && isOver(reported),
    )
    expect(operationOf(current)).toMatchObject({ state: 'succeeded', result: { outcome: 'alreadyCurrent' } })
    expect(current.firmware).toMatchObject({
      fwUpdateStatus: 'current',
      fwUpdateSubstatus: 'Firmware already up to date',
    })
    expect(device.images.requests).toEqual([])
  })
})
