import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { CorruptJournalError, UnsupportedJournalVersionError } from './errors.ts'
import { openJournal } from './journal.ts'
import { decodeJournal } from './journal-format.ts'
import { encodeLine } from './line-codec.ts'

const golden = await readFile(new URL('../../test/journal/golden-lines', import.meta.url))

const goldenEntries = [
  { kind: 'accepted', operationId: 'a1', request: { delaySeconds: 5 } },
  { kind: 'step', operationId: 'a1', name: 'flush', result: null },
  { kind: 'accepted', operationId: 'b2', request: 'Grüße, 世界 🌍\n' },
  { kind: 'finished', operationId: 'a1', state: 'succeeded' },
  { kind: 'finished', operationId: 'b2', state: 'failed' },
]

function same<TValue>(value: TValue): TValue {
  return value
}

function decode(bytes: Uint8Array): readonly unknown[] {
  return decodeJournal(bytes, '/state/journal', same).entries
}

function withoutB2(value: unknown): unknown {
  return JSON.stringify(value).includes('b2') ? undefined : value
}

/** Decodes damaged bytes; undefined when they are refused as corrupt. Any other error fails the test. */
function decodeDamaged(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    return decode(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptJournalError)
    return undefined
  }
}

describe('journal format', () => {
  it('is read from a golden file', () => {
    expect(decode(golden)).toEqual(goldenEntries)
  })

  it('is written as in the golden file', async () => {
    const disk = new SimulatedDisk()
    const options = { directory: '/state', fileSystem: disk, parse: same, compact: same<readonly unknown[]> }
    const first = await openJournal<unknown>(options)
    await first.journal.append(goldenEntries[0])
    await first.journal.append(goldenEntries[1])
    await first.journal.close()
    const second = await openJournal<unknown>(options)
    await Promise.all(goldenEntries.slice(2).map(entry => second.journal.append(entry)))
    expect(Buffer.from((await disk.readFile('/state/journal')) ?? []).toString()).toBe(golden.toString())
  })

  it('gives, cut at any length, the entries before the cut or is refused as corrupt', () => {
    const counts = new Set<number | undefined>()
    for (let length = 0; length < golden.length; length++) {
      const entries = decodeDamaged(golden.subarray(0, length))
      counts.add(entries?.length)
      if (entries !== undefined) expect(entries).toEqual(goldenEntries.slice(0, entries.length))
    }
    // the last two entries were one write: they are there together or not at all
    expect(counts).toEqual(new Set([undefined, 0, 1, 2, 3]))
  })

  it('gives, with any byte changed, the entries before it or is refused as corrupt', () => {
    for (let index = 0; index < golden.length; index++) {
      const original = golden[index] ?? 0
      const flips = Array.from({ length: 8 }, (_, bit) => original ^ (1 << bit))
      for (const value of [...flips, 0x00, 0x0a, 0x20, 0xff]) {
        if (value === original) continue
        const damaged = Buffer.from(golden)
        damaged[index] = value
        const entries = decodeDamaged(damaged)
        if (entries === undefined) continue
        expect(entries.length).toBeLessThan(goldenEntries.length)
        expect(entries).toEqual(goldenEntries.slice(0, entries.length))
      }
    }
  })

  it('refuses a journal of a newer version, whatever follows its header', () => {
    const header = encodeLine('{"format":"iothub-dm-journal","version":3}')
    const newer = Buffer.concat([header, Buffer.from('something else'), golden])
    expect(() => decode(newer)).toThrow(UnsupportedJournalVersionError)
    expect(() => decode(newer)).toThrow(
      'the journal /state/journal has format version 3; this release reads versions up to 2',
    )
  })

  it.each([
    ['nothing', ''],
    ['another format', encodeLine('{"format":"diary","version":1}').toString()],
    ['a header that is no object', encodeLine('[1]').toString()],
    ['a header without a version', encodeLine('{"format":"iothub-dm-journal"}').toString()],
    ['a version that is no count', encodeLine('{"format":"iothub-dm-journal","version":1.5}').toString()],
    ['a version of nothing', encodeLine('{"format":"iothub-dm-journal","version":0}').toString()],
  ])('refuses %s', (_, text) => {
    expect(() => decode(Buffer.from(text))).toThrow(CorruptJournalError)
  })

  it('names the line and the cause when an entry has an unknown shape', () => {
    const cause = new TypeError('what is this?')
    const parse = (value: unknown): unknown => {
      if (JSON.stringify(value).includes('b2')) throw cause
      return value
    }
    const expected = { code: 'CorruptJournal', path: '/state/journal', lineNumber: 4, cause }
    expect(() => decodeJournal(golden, '/state/journal', parse)).toThrow(expect.objectContaining(expected))
  })

  it('passes over entries that parse lets pass', () => {
    expect(decodeJournal(golden, '/state/journal', withoutB2).entries).toEqual(
      goldenEntries.filter(({ operationId }) => operationId !== 'b2'),
    )
  })

  it('refuses a good line that is not a list of entries', () => {
    expect(() => decode(Buffer.concat([golden, encodeLine('{}')]))).toThrow(/line 6: it is not a list of entries/)
  })
})
