import { findTwinIssue, isJsonObject, type JsonValue } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import { addToAudit } from './audit-entry.ts'
import { controlSection, decodeControlRecord, encodeControlRecord } from './control-codec.ts'
import type { ControlRecord } from './control-record.ts'

const plan: RolloutPlan = {
  rolloutId: 'r1',
  action: 'install',
  request: { version: '2', note: 'für Köln, 東京 \u{1f680} "quoted"' },
  target: "tags.site = 'oslo'",
  excluded: Array.from({ length: 300 }, (_, index) => `a-device-with-a-long-name-${index}`),
  waves: [{ size: { devices: 1 }, soakInMs: 0, needsApproval: true }],
  pace: { startsPerMinute: 60 },
  concurrency: 5,
  gates: [],
  silentAfterInMs: 60_000,
  overdueAfterInMs: 600_000,
  endTime: '2026-01-02T00:00:00.000Z',
  maxTries: 3,
}
const record: ControlRecord = {
  plan,
  state: {
    phase: 'starting',
    phaseTime: '2026-01-01T00:00:00.000Z',
    leg: 'forward',
    wave: 0,
    waveStart: 0,
    waveEnd: 0.25,
    attempt: 1,
    isProven: true,
    hold: { cause: 'operator', reason: 'lunch', time: '2026-01-01T00:00:00.000Z' },
  },
  lease: { owner: 'one', token: 3, expiresTime: '2026-01-01T00:01:00.000Z' },
  audit: addToAudit([], [{ type: 'begun', devices: 7 }], { by: 'one', nowInMs: 0 }),
}

describe('the record of a rollout', () => {
  it('is read as it was written', () => {
    expect(decodeControlRecord('r1', encodeControlRecord(record))).toEqual(record)
    expect(decodeControlRecord('r1', {})).toBeUndefined()
  })

  it('keeps to the rules of twins: 32 KB, texts of 4 KB', () => {
    const events = Array.from({ length: 100 }, () => ({
      type: 'commanded' as const,
      command: { type: 'pause' as const, reason: 'ü'.repeat(500) },
    }))
    const desired = encodeControlRecord({ ...record, audit: addToAudit([], events, { by: 'one', nowInMs: 0 }) })
    expect(JSON.stringify(desired).length).toBeLessThan(32 * 1_024)
    expect(longestText(desired)).toBeLessThan(4 * 1_024)
    expect(findTwinIssue(desired, 1)).toBeUndefined()
  })

  it('is refused when the plan is too long', () => {
    const long = { ...plan, target: 'x'.repeat(20_000) }
    expect(() => encodeControlRecord({ ...record, plan: long })).toThrow('the plan takes')
  })

  it('C17: is refused when the plan was edited, and when it cannot be read', () => {
    const desired = encodeControlRecord(record)
    const section = isJsonObject(desired[controlSection]) ? desired[controlSection] : {}
    const edited = encodeControlRecord({ ...record, plan: { ...plan, concurrency: 500 } })[controlSection]
    const changed = [
      { ...section, plan: isJsonObject(edited) ? edited.plan : null },
      { ...section, plan: { part0: '{' } },
      { ...section, plan: null },
      { ...section, planHash: 'other' },
      { ...section, format: 2 },
    ]
    for (const value of changed) {
      expect(() => decodeControlRecord('r1', { [controlSection]: value })).toThrow(
        expect.objectContaining({ code: 'RolloutDamaged' }),
      )
    }
    expect(() => decodeControlRecord('r2', desired)).toThrow(expect.objectContaining({ code: 'RolloutDamaged' }))
  })
})

function longestText(value: JsonValue | undefined): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (!isJsonObject(value)) return 0
  return Math.max(0, ...Object.values(value).map(longestText))
}
