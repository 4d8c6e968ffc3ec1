import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock/manual-clock.ts'
import type { HubTier } from './hub-tier.ts'
import type { Operation } from './operation.ts'
import { Traffic } from './traffic.ts'

const twinRead: Operation = { kind: 'twinRead', requestSizeInBytes: 0 }
const answered = (responseSizeInBytes: number, status = 200): { status: number; responseSizeInBytes: number } => ({
  status,
  responseSizeInBytes,
})

function trafficOf(tier?: HubTier): { readonly traffic: Traffic; readonly clock: ManualClock } {
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 12))
  return { traffic: new Traffic({ clock, hubName: 'test-hub', tier }), clock }
}

/** Runs what is due by promise; nothing in here waits for anything else. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
}

describe('traffic with a tier', () => {
  it('passes a burst, delays the rest at the rate, and refuses beyond the backlog with 429', async () => {
    const { traffic, clock } = trafficOf({ name: 'S1', burstInSeconds: 1, backlogInSeconds: 2 })
    const started: string[] = []
    const outcomes = Array.from({ length: 320 }, () =>
      traffic.begin(twinRead).then(
        () => void started.push('started'),
        (error: unknown) => error,
      ),
    )
    await settle()
    expect(started).toHaveLength(100)
    clock.advance(1000)
    await settle()
    expect(started).toHaveLength(200)
    clock.advance(1000)
    const refusals = (await Promise.all(outcomes)).filter(outcome => outcome !== undefined)
    expect(started).toHaveLength(300)
    expect(refusals).toHaveLength(20)
    expect(refusals[0]).toMatchObject({ status: 429, number: 429001, code: 'ThrottlingException' })
    expect(traffic.meter.read().operations.twinRead).toEqual({ accepted: 300, delayed: 200, refused: 20 })
  })

  it('shapes each kind on its own', async () => {
    const { traffic } = trafficOf({ name: 'S1', burstInSeconds: 0, backlogInSeconds: 0 })
    await traffic.begin(twinRead)
    await expect(traffic.begin(twinRead)).rejects.toMatchObject({ status: 429 })
    await traffic.begin({ kind: 'query', requestSizeInBytes: 0 })
  })

  it('stops what is billed at the daily quota with 403002, until midnight UTC', async () => {
    const { traffic, clock } = trafficOf({ name: 'F1' })
    traffic.finish({ kind: 'telemetry', requestSizeInBytes: 8000 * 512 }, answered(0, 204))
    await expect(traffic.begin(twinRead)).rejects.toMatchObject({
      status: 403,
      number: 403002,
      message: expect.stringContaining("IotHub 'test-hub' exceeded the allocated quota"),
    })
    await traffic.begin({ kind: 'identityOperation', requestSizeInBytes: 10 })
    clock.advance(12 * 3_600_000)
    await traffic.begin(twinRead)
  })

  it('refuses what is still delayed when it closes', async () => {
    const { traffic, clock } = trafficOf({ name: 'S1', burstInSeconds: 0 })
    await traffic.begin(twinRead)
    const delayed = traffic.begin(twinRead)
    await settle()
    traffic.close()
    await expect(delayed).rejects.toMatchObject({ status: 503 })
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('traffic without a tier', () => {
  it('limits nothing, and counts all the same', async () => {
    const { traffic } = trafficOf()
    for (let count = 0; count < 10_000; count += 1) await traffic.begin(twinRead)
    expect(traffic.meter.read().operations.twinRead).toEqual({ accepted: 10_000, delayed: 0, refused: 0 })
    expect(traffic.limits).toBeUndefined()
  })

  it.each<[string, Operation, { status: number; responseSizeInBytes: number }, number]>([
    ['a method: request and answer', { kind: 'directMethod', requestSizeInBytes: 100 }, answered(4097), 3],
    ['a method on a device that is offline', { kind: 'directMethod', requestSizeInBytes: 5000 }, answered(300, 404), 3],
    ['a twin read, by its answer', twinRead, answered(4096), 1],
    ['a twin read that fails', twinRead, answered(300, 404), 0],
    ['a query, by its answer', { kind: 'query', requestSizeInBytes: 100 }, answered(40_960), 10],
    ['a twin update, by its request', { kind: 'twinUpdate', requestSizeInBytes: 4097 }, answered(9000), 2],
    ['a message', { kind: 'telemetry', requestSizeInBytes: 0 }, answered(0, 204), 1],
    ['an identity', { kind: 'identityOperation', requestSizeInBytes: 9000 }, answered(9000), 0],
  ])('bills %s', (_case, operation, outcome, messages) => {
    const { traffic } = trafficOf()
    traffic.finish(operation, outcome)
    expect(traffic.meter.read().totalBilledMessages).toBe(messages)
  })

  it('bills the desired properties that a device is sent', () => {
    const { traffic } = trafficOf()
    traffic.billNotification(5000)
    expect(traffic.meter.read().billedMessages).toEqual({ desiredNotification: 2 })
    traffic.meter.reset()
    expect(traffic.meter.read()).toMatchObject({ billedMessages: {}, totalBilledMessages: 0 })
  })
})
