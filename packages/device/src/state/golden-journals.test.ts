import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { phasesOf, recordScenario, replay, scenarioNames } from '../../test/golden/golden-scenarios.ts'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { CorruptJournalError, UnsupportedJournalVersionError } from '../journal/errors.ts'
import { decodeJournal } from '../journal/journal-format.ts'
import { encodeLine } from '../journal/line-codec.ts'
import { parseDeviceEntry } from './device-entry.ts'
import { DeviceState } from './device-state.ts'

const folder = new URL('../../test/golden/', import.meta.url)

const journals = readdirSync(folder)
  .filter(name => /^journal-[\d.]+-\w+$/.test(name))
  .map(name => ({ name, bytes: readFileSync(new URL(name, folder)) }))

function decode(bytes: Uint8Array): readonly unknown[] {
  return decodeJournal(bytes, '/state/journal', parseDeviceEntry).entries
}

/** Holds a damaged journal against the sound one: it is read up to the damage, or refused as corrupt. */
function expectPrefixOrRefusal(damaged: Uint8Array, sound: readonly unknown[]): void {
  let entries: readonly unknown[]
  try {
    entries = decode(damaged)
  } catch (error) {
    // A damaged digit may make the version a newer one, but never with a good checksum.
    expect(error).toBeInstanceOf(CorruptJournalError)
    return
  }
  expect(entries.length).toBeLessThan(sound.length)
  expect(entries).toEqual(sound.slice(0, entries.length))
}

describe('R6: the histories that the next release leaves as golden files', () => {
  it.each(scenarioNames)('%s goes on from each of its lines to an end', async name => {
    const phases = [...phasesOf(await recordScenario(name))]
    expect(phases.length).toBeGreaterThan(5)
    // The header and the first operation are there from the second line on.
    for (const phase of phases.slice(1)) expect(Object.keys((await replay(phase)).outcomes)).not.toEqual([])
  })
})

describe('R6: journals of released versions', () => {
  it('are there', () => {
    expect(journals.map(({ name }) => name)).toEqual(expect.arrayContaining(['journal-0.1.0-succeeded']))
  })

  it.each(journals)('$name goes on from each of its lines as that release did', async ({ name, bytes }) => {
    const replays: unknown[] = JSON.parse(readFileSync(new URL(`${name}.replays.json`, folder), 'utf8'))
    const phases = [...phasesOf(bytes)]
    expect(replays).toHaveLength(phases.length)
    for (const [index, phase] of phases.entries()) {
      expect(await replay(phase), `after line ${index + 1}`).toEqual(replays[index])
    }
  })

  it.each(journals)('$name, cut at any length, is read up to there or refused as corrupt', ({ bytes }) => {
    const sound = decode(bytes)
    for (let length = 0; length < bytes.length; length++) expectPrefixOrRefusal(bytes.subarray(0, length), sound)
  })

  it.each(journals)('$name, with any byte flipped, is read up to there or refused as corrupt', ({ bytes }) => {
    const sound = decode(bytes)
    const damaged = Buffer.from(bytes)
    for (const [index, original] of bytes.entries()) {
      for (const flip of [0x01, 0x20, 0x80, 0xff]) {
        damaged[index] = original ^ flip
        expectPrefixOrRefusal(damaged, sound)
      }
      damaged[index] = original
    }
  })

  it.each(journals)('$name, as of a newer version, is refused and left as it is', async ({ bytes }) => {
    const entries = bytes.subarray(bytes.indexOf(0x0a) + 1)
    const header = encodeLine('{"format":"iothub-dm-journal","version":99}')
    const newer = new Uint8Array(Buffer.concat([header, entries]))
    const disk = new SimulatedDisk({ image: new Map([['journal', newer]]) })
    const opening = DeviceState.open({
      directory: '/state',
      fileSystem: disk,
      now: () => 0,
      actionOf: () => undefined,
    })
    await expect(opening).rejects.toThrow(UnsupportedJournalVersionError)
    expect(disk.calls).toEqual([])
    expect(Buffer.from((await disk.readFile('/state/journal')) ?? [])).toEqual(Buffer.from(newer))
  })
})
