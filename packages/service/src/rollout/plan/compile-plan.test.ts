import { action, firmwareUpdate } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { compilePlan } from './compile-plan.ts'
import { planHash } from './plan-hash.ts'
import type { UncheckedRolloutOptions } from './rollout-options.ts'

const nowInMs = Date.UTC(2026, 0, 1)
const install = action({
  request: v.object({ version: v.string(), key: v.optional(v.string()) }),
  secrets: ['key'],
  effects: ['idempotent'],
})
const wipe = action({ effects: ['losesData'] })
const options: UncheckedRolloutOptions = { rolloutId: 'r1', request: { version: '2' } }

function compile(more: Partial<UncheckedRolloutOptions> = {}) {
  return compilePlan('install', install, { ...options, ...more }, nowInMs)
}

describe('a plan', () => {
  it('is careful by default', () => {
    expect(compile().plan).toMatchObject({
      target: '',
      waves: [
        { size: { devices: 1 }, soakInMs: 900_000, needsApproval: false },
        { size: { percent: 1 } },
        { size: { percent: 10 } },
        { size: { percent: 50 } },
        { size: { percent: 100 } },
      ],
      concurrency: 100,
      endTime: '2026-01-04T00:00:00.000Z',
      maxTries: 3,
    })
    expect(compile().plan.gates.length).toBeGreaterThan(0)
  })

  it('holds no secrets', () => {
    const { plan, secrets } = compile({
      request: { version: '2', key: 'hidden' },
      rollbackRequest: { version: '1', key: 'hidden too' },
    })
    expect(JSON.stringify(plan)).not.toContain('hidden')
    expect(plan.secretMembers).toEqual(['key'])
    expect(secrets).toEqual({ request: { key: 'hidden' }, rollbackRequest: { key: 'hidden too' } })
  })

  it('has firmware attested by the version that runs', () => {
    const request = {
      fwVersion: '1.2.0',
      fwPackageUri: 'https://images.example.com/fw.bin?sig=0123456789abcdef',
      fwPackageCheckValue: 'a'.repeat(64),
    }
    const { plan } = compilePlan('firmwareUpdate', firmwareUpdate, { rolloutId: 'fw', request }, nowInMs)
    expect(plan.attestation).toEqual({ path: ['firmware', 'currentFwVersion'], value: '1.2.0' })
  })

  it('has one hash, whatever the order of its members', () => {
    const { plan } = compile()
    const reversed = { ...plan, ...Object.fromEntries(Object.entries(plan).toReversed()) }
    expect(planHash(reversed)).toBe(planHash(plan))
    expect(planHash({ ...plan, concurrency: 101 })).not.toBe(planHash(plan))
  })

  it.each<[string, Partial<UncheckedRolloutOptions>]>([
    ['rolloutId: expected 1 to 40', { rolloutId: 'a b' }],
    ['waves: expected 1 to 20, got 0', { waves: [] }],
    ['waves[1].percent: expected more than 50', { waves: [{ percent: 50 }, { percent: 50 }] }],
    ['waves[0].devices: expected an integer above 0', { waves: [{ devices: 0 }] }],
    ['waves[0].soakInMs', { waves: [{ devices: 1, soakInMs: -1 }] }],
    ['pace.startsPerMinute', { pace: { startsPerMinute: 0 } }],
    ['gates[0].maxShare', { gates: [{ outcomes: ['failed'], maxShare: 1, minSample: 1, confidence: 0.9 }] }],
    ['gates[0].outcomes', { gates: [{ outcomes: [], maxShare: 0.1, minSample: 1, confidence: 0.9 }] }],
    ['concurrency', { concurrency: 0 }],
    ['maxTries', { maxTries: 100 }],
    ['endTime: expected a time within the next seven days', { endTime: new Date(nowInMs + 8 * 24 * 3_600_000) }],
    ['endTime', { endTime: new Date(nowInMs) }],
    ['excluded', { excluded: Array.from({ length: 501 }, (_, index) => `cam-${index}`) }],
    ["offline: a request with the secret 'key'", { offline: 'desired', request: { version: '2', key: 'hidden' } }],
  ])('is refused: %s', (message, more) => {
    expect(() => compile(more)).toThrow(message)
  })

  it('is refused when a request breaks its schema', () => {
    expect(() => compile({ request: { version: 2 } })).toThrow(expect.objectContaining({ code: 'InvalidRequest' }))
  })

  it('of an action that loses data wants a canary and an acknowledgement, also where types do not tell', () => {
    const canary = { rolloutId: 'r1', waves: [{ devices: 1 }, { percent: 100 }] }
    expect(() => compilePlan('wipe', wipe, canary, nowInMs)).toThrow('acknowledge.losesData: expected true')
    const acknowledge = { losesData: true } as const
    expect(() => compilePlan('wipe', wipe, { rolloutId: 'r1', acknowledge }, nowInMs)).toThrow(
      'a first wave of at most 10',
    )
    expect(() => compilePlan('wipe', wipe, { ...canary, acknowledge, waves: [{ devices: 11 }] }, nowInMs)).toThrow(
      'a first wave of at most 10',
    )
    expect(compilePlan('wipe', wipe, { ...canary, acknowledge }, nowInMs).plan.waves).toHaveLength(2)
  })
})
