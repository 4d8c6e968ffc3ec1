import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FirmwareEntry, InstalledFirmware } from './firmware-entry.ts'
import { compactFirmwareEntries, foldFirmwareEntries, newestInstalled, recentFailures } from './firmware-history.ts'

const keyA = { kid: 'a', x: `${'A'.repeat(42)}A` }
const keyB = { kid: 'b', x: `${'B'.repeat(42)}A` }
const both = { version: 1, threshold: 1, keys: [keyA, keyB] }

function installing(operationId: string, sequence: number, ...signers: readonly string[]): InstalledFirmware {
  return { type: 'installing', operationId, version: `1.0.${sequence}`, sha256: 'ab'.repeat(32), sequence, signers }
}

describe('the newest image', () => {
  it('F3: is the one with the highest sequence, not the last', () => {
    const history = foldFirmwareEntries([
      installing('1', 5, keyA.x),
      installing('2', 9, keyA.x),
      installing('3', 7, keyA.x),
    ])
    expect(newestInstalled(history, both)?.sequence).toBe(9)
  })

  it('is none that was rolled back', () => {
    const entries: FirmwareEntry[] = [
      installing('1', 5, keyA.x),
      installing('2', 9, keyA.x),
      { type: 'rolledBack', operationId: '2' },
    ]
    expect(newestInstalled(foldFirmwareEntries(entries), both)?.sequence).toBe(5)
  })

  it('F4: is none that only revoked keys have signed', () => {
    const history = foldFirmwareEntries([installing('1', 5, keyA.x, keyB.x), installing('2', 9, keyB.x)])
    expect(newestInstalled(history, { ...both, keys: [keyA] })?.sequence).toBe(5)
    expect(newestInstalled(history, { ...both, keys: [{ kid: 'c', x: 'other' }] })).toBeUndefined()
  })
})

function failed(sha256: string, time: number): FirmwareEntry {
  return { type: 'failed', sha256, time }
}

describe('failures', () => {
  it('F19: count by digest and within a day, whichever way the clock has jumped', () => {
    const history = foldFirmwareEntries([failed('x', 0), failed('x', 86_400_000), failed('y', 86_400_000)])
    expect(recentFailures(history, 'x', 86_400_000)).toBe(1)
    expect(recentFailures(history, 'x', 86_399_999)).toBe(2)
    expect(recentFailures(history, 'x', -1)).toBe(1)
    expect(recentFailures(history, 'z', 0)).toBe(0)
  })
})

const signers = fc.subarray([keyA.x, keyB.x], { minLength: 1 })
const arbitraryEntry: fc.Arbitrary<FirmwareEntry> = fc.oneof(
  fc.tuple(fc.nat(9), fc.nat(20), signers).map(([id, sequence, by]) => installing(`op-${id}`, sequence, ...by)),
  fc.nat(9).map(id => ({ type: 'rolledBack', operationId: `op-${id}` }) as const),
  fc.nat(5).map(id => ({ type: 'permitUsed', permit: `permit-${id}` }) as const),
  fc.nat(5).map(time => ({ type: 'failed', sha256: 'x', time }) as const),
  fc.nat(5).map(time => ({ type: 'time', time }) as const),
  fc.integer({ min: 1, max: 5 }).map(version => ({ type: 'keys', keySet: { ...both, version } }) as const),
)

describe('compaction', () => {
  it('changes nothing that is ever asked for', () => {
    fc.assert(
      fc.property(fc.array(arbitraryEntry, { maxLength: 30 }), entries => {
        const before = foldFirmwareEntries(entries)
        const after = foldFirmwareEntries(compactFirmwareEntries(entries))
        for (const keySet of [both, { ...both, keys: [keyA] }, { ...both, keys: [keyB] }]) {
          expect(newestInstalled(after, keySet)?.sequence).toBe(newestInstalled(before, keySet)?.sequence)
        }
        expect({ ...after, installed: [], usedPermits: after.usedPermits.toSorted() }).toEqual({
          ...before,
          installed: [],
          usedPermits: before.usedPermits.toSorted(),
        })
      }),
    )
  })

  it('keeps it small, however many updates there were', () => {
    const entries = Array.from({ length: 1000 }, (_, index): FirmwareEntry[] => [
      installing(`op-${index}`, index, keyA.x),
      { type: 'failed', sha256: 'x', time: index },
      { type: 'time', time: index },
    ])
    const compacted = compactFirmwareEntries(entries.flat())
    expect(compacted.length).toBeLessThan(100)
    expect(newestInstalled(foldFirmwareEntries(compacted), both)?.sequence).toBe(999)
  })
})
