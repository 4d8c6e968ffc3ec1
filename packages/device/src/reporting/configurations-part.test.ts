import { ManualClock } from '@iothub-dm/local-hub'
import { action, type ConfigurationAcknowledgement } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { SimulatedHub } from '../../test/simulated-hub.ts'
import { nothingUnderWay } from '../operation/operation-log.ts'
import { configurationsPart } from './configurations-part.ts'
import { operationsPart } from './operations-part.ts'
import { ReportedWriter } from './reported-writer.ts'

const actions = { work: action() }

function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

describe('configurationsPart', () => {
  it('sends what differs, and removes what there is no more', () => {
    const newest = new Map<string, ConfigurationAcknowledgement | undefined>([
      ['telemetry', { value: { fps: 5 }, ac: 200, av: 7 }],
      ['zones', undefined],
      ['none', undefined],
    ])
    const part = configurationsPart(() => newest)
    const reported = { telemetry: { value: { fps: 4, old: 1 }, ac: 202, av: 7 }, zones: { ac: 200, av: 1 }, other: 1 }
    const [patch] = part.draft(reported).patches
    expect(patch).toEqual({ telemetry: { value: { fps: 5, old: null }, ac: 200 }, zones: null })
    expect(part.draft({ telemetry: { value: { fps: 5 }, ac: 200, av: 7 } }).patches[0]).toBeUndefined()
  })

  it('leaves alone what nothing is known of', () => {
    expect(configurationsPart(() => new Map()).draft({ telemetry: { ac: 200, av: 1 } }).patches[0]).toBeUndefined()
  })
})

describe('ReportedWriter with two parts', () => {
  it('C13: gets the code through when the hub refuses the value, and does not hold up the other part', async () => {
    const hub = new SimulatedHub()
    const errors: unknown[] = []
    const acknowledgement = { value: { name: 'far too much' }, ac: 200, av: 2 }
    const record = {
      operationId: 'op',
      state: 'accepted',
      status: 'accepted',
      attempt: 0,
      acceptedTime: '2026-01-01T00:00:00.000Z',
      updatedTime: '2026-01-01T00:00:00.000Z',
    } as const
    const log = {
      operationId: 'op',
      action: 'work',
      request: {},
      requestDigest: '',
      expiresAt: undefined,
      record,
      reported: false,
      ...nothingUnderWay,
    }
    const writer = new ReportedWriter({
      connection: hub,
      parts: [
        configurationsPart(() => new Map([['telemetry', acknowledgement]])),
        operationsPart({ actions, operations: () => new Map([['work', log]]), onReported: async () => {} }),
      ],
      onError: error => errors.push(error),
      clock: new ManualClock(0),
      progressIntervalInMs: 10_000,
    })
    writer.sessionBegan()
    hub.settle()
    await settled()
    expect(hub.pendingPatch).toEqual({ telemetry: acknowledgement })
    hub.settle(400)
    await settled()
    expect(hub.pendingPatch).toMatchObject({ iothubDM: { work: { state: 'accepted' } } })
    hub.settle()
    await settled()
    hub.settle()
    await settled()
    expect(hub.busy).toBe(false)
    expect(hub.reported).toMatchObject({ telemetry: { ac: 200, av: 2, ad: 'the hub refused the value' } })
    expect(hub.reported.telemetry).not.toHaveProperty('value')
    expect(errors).toHaveLength(1)
    writer.changed(true)
    await settled()
    expect(hub.busy).toBe(false)
  })
})
