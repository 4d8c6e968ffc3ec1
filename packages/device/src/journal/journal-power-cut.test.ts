import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { powerCutImages } from '../../test/journal/power-cut-images.ts'
import { type DiskImage, type FallibleCall, SimulatedDisk, varyCalls } from '../../test/journal/simulated-disk.ts'
import type { FileSystem, WritableFile } from './file-system.ts'
import { type OpenedJournal, openJournal } from './journal.ts'

/** An entry is a run of numbers; compaction joins runs, so the numbers of a journal in order are its whole state. */
type Run = readonly number[]

function parseRun(value: unknown): Run {
  if (!Array.isArray(value)) throw new TypeError('not a run')
  return value.map(Number)
}

function open(fileSystem: FileSystem, compactAboveBytes = 150): Promise<OpenedJournal<Run>> {
  return openJournal({
    directory: '/state',
    fileSystem,
    parse: parseRun,
    compact: (runs: readonly Run[]) => [runs.flat()],
    compactAboveBytes,
  })
}

async function recover(image: DiskImage): Promise<readonly number[]> {
  return (await open(new SimulatedDisk({ image }))).entries.flat()
}

interface Step {
  /** So many appends at once. */
  readonly appends: number
  /** What happens before the next step: so many microtasks, or all that the appends need. */
  readonly pause: number | 'settled'
}

function oneByOne(count: number): readonly Step[] {
  return Array.from({ length: count }, () => ({ appends: 1, pause: 'settled' as const }))
}

const histories = 200

/** Appends that add up to so many records, some of them at once, some while others are being written. */
function randomSteps(seed: number, records: number): readonly Step[] {
  const steps: Step[] = []
  let state = seed
  const draw = (below: number): number => {
    // the generator of Park and Miller
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  for (let left = records; left > 0; ) {
    const appends = Math.min(left, 1 + draw(4))
    steps.push({ appends, pause: draw(2) === 0 ? 'settled' : draw(16) })
    left -= appends
  }
  return steps
}

interface Mark {
  readonly number: number
  /** How many calls had changed the disk by then. */
  readonly atCall: number
}

/** One life of the machine: open, append, and at some call the power is cut. */
interface Life {
  readonly disk: SimulatedDisk
  readonly issued: readonly Mark[]
  readonly acknowledged: readonly Mark[]
  readonly rejected: number
}

async function live(
  disk: SimulatedDisk,
  steps: readonly Step[],
  firstNumber: number,
  fileSystem: FileSystem = disk,
): Promise<Life> {
  const issued: Mark[] = []
  const acknowledged: Mark[] = []
  let rejected = 0
  const opened = await open(fileSystem).catch(() => undefined)
  const pending: Promise<void>[] = []
  for (const { appends, pause } of opened === undefined ? [] : steps) {
    for (let count = 0; count < appends; count++) {
      const number = firstNumber + issued.length
      issued.push({ number, atCall: disk.calls.length })
      const append = opened?.journal.append([number]).then(
        () => void acknowledged.push({ number, atCall: disk.calls.length }),
        () => void rejected++,
      )
      if (append !== undefined) pending.push(append)
    }
    if (pause === 'settled') await Promise.all(pending)
    else for (let microtask = 0; microtask < pause; microtask++) await Promise.resolve()
  }
  await Promise.all(pending)
  return { disk, issued, acknowledged, rejected }
}

function numbersBefore(marks: readonly Mark[], call: number): readonly number[] {
  return marks.filter(({ atCall }) => atCall <= call).map(({ number }) => number)
}

interface Verdict {
  readonly images: readonly DiskImage[]
  readonly torn: number
  readonly lostAcknowledged: number
  readonly invented: number
  readonly outOfOrder: number
}

/** Opens every image that a power cut in this life allows, and counts what is wrong. */
async function judge({ disk, issued, acknowledged }: Life, faultless: boolean): Promise<Verdict> {
  const baseline = await recover(disk.initialImage)
  const verdict = { images: new Map<string, DiskImage>(), torn: 0, lostAcknowledged: 0, invented: 0, outOfOrder: 0 }
  for (let call = 0; call <= disk.calls.length; call++) {
    const required = [...baseline, ...numbersBefore(acknowledged, call)]
    const allowed = [...baseline, ...numbersBefore(issued, call)]
    for (const image of powerCutImages(disk.initialImage, disk.calls.slice(0, call))) {
      const key = [
        required.length,
        allowed.length,
        ...[...image].flatMap(([name, bytes]) => [name, toText(bytes)]),
      ].join()
      if (verdict.images.has(key)) continue
      verdict.images.set(key, image)
      const found = await recover(image).catch(() => undefined)
      if (found === undefined) {
        verdict.torn++
        continue
      }
      if (!required.every(number => found.includes(number))) verdict.lostAcknowledged++
      if (!found.every(number => allowed.includes(number))) verdict.invented++
      const expected = faultless ? allowed.slice(0, found.length) : found.toSorted((a, b) => a - b)
      if (found.join() !== expected.join() || new Set(found).size !== found.length) verdict.outOfOrder++
    }
  }
  return { ...verdict, images: [...verdict.images.values()] }
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

const sound = { torn: 0, lostAcknowledged: 0, invented: 0, outOfOrder: 0 }

const lives = fc.array(
  fc.record({
    steps: fc.array(
      fc.record({
        appends: fc.integer({ min: 1, max: 4 }),
        pause: fc.oneof(fc.constant('settled' as const), fc.nat({ max: 15 })),
      }),
      { maxLength: 15, size: 'max' },
    ),
    /** Which of the images the next life starts from. */
    cut: fc.nat(),
  }),
  { minLength: 1, maxLength: 3, size: 'max' },
)

const faults = fc.array(fc.record({ at: fc.nat({ max: 60 }), code: fc.constantFrom('EIO', 'ENOSPC', 'EFBIG') }), {
  maxLength: 4,
  size: 'max',
})

describe('R3: the journal under power cuts', () => {
  it('tears nothing and loses nothing acknowledged', async () => {
    let images = 0
    await fc.assert(
      fc.asyncProperty(lives, async history => {
        let image: DiskImage = new Map()
        let firstNumber = 0
        for (const { steps, cut } of history) {
          const life = await live(new SimulatedDisk({ image }), steps, firstNumber)
          expect(life.rejected).toBe(0)
          const verdict = await judge(life, true)
          expect(verdict).toMatchObject(sound)
          images += verdict.images.length
          image = verdict.images[cut % verdict.images.length] ?? image
          firstNumber += life.issued.length
        }
      }),
      { numRuns: 400 },
    )
    expect(images).toBeGreaterThan(30_000)
  })

  it('acknowledges nothing that a failing disk could lose, and recovers when the disk does', async () => {
    await fc.assert(
      fc.asyncProperty(lives, faults, async (history, failures) => {
        let image: DiskImage = new Map()
        let firstNumber = 0
        for (const { steps, cut } of history) {
          let calls = 0
          const fault = (): string | undefined => {
            calls++
            return failures.find(({ at }) => at === calls)?.code
          }
          const life = await live(new SimulatedDisk({ image, fault }), steps, firstNumber)
          const verdict = await judge(life, false)
          expect(verdict).toMatchObject(sound)
          image = verdict.images[cut % verdict.images.length] ?? image
          firstNumber += life.issued.length
        }
      }),
      { numRuns: 200 },
    )
  })

  it('tears nothing and loses nothing in 200 histories of 50 records', async () => {
    let images = 0
    for (let seed = 1; seed <= histories; seed++) {
      const life = await live(new SimulatedDisk(), randomSteps(seed, 50), 0)
      expect(life.acknowledged).toHaveLength(50)
      const verdict = await judge(life, true)
      expect(verdict, `seed ${seed}`).toMatchObject(sound)
      images += verdict.images.length
    }
    expect(images).toBeGreaterThan(100 * histories)
  }, 120_000)

  it('is compacted while it runs, and stays small', async () => {
    const disk = new SimulatedDisk()
    await live(disk, oneByOne(20), 0)
    const replacements = disk.calls.filter(call => call.kind === 'rename').length
    expect(replacements).toBeGreaterThan(2)
    expect((await disk.readFile('/state/journal'))?.length).toBeLessThan(300)
  })
})

/** Wraps every file that a disk creates. */
function withFiles(disk: SimulatedDisk, wrap: (file: WritableFile) => Partial<WritableFile>): Partial<FileSystem> {
  return {
    createFile: async path => {
      const file = await disk.createFile(path)
      return { ...file, ...wrap(file) }
    },
  }
}

function failFirst(failing: FallibleCall): (call: FallibleCall) => string | undefined {
  let calls = 0
  // the first call of its kind is the one at open
  return call => (call === failing && ++calls === 2 ? 'EIO' : undefined)
}

describe('R3: the power cut checker', () => {
  const steps = oneByOne(4)

  async function judgeVariant(
    vary: (disk: SimulatedDisk) => Partial<FileSystem>,
    fault?: (call: FallibleCall) => string | undefined,
  ): Promise<Verdict> {
    const disk = new SimulatedDisk({ fault })
    return judge(await live(disk, steps, 0, varyCalls(disk, vary(disk))), false)
  }

  it('finds nothing wrong with the journal itself', async () => {
    expect(await judgeVariant(() => ({}))).toMatchObject(sound)
    expect(await judgeVariant(() => ({}), failFirst('sync'))).toMatchObject(sound)
  })

  it('catches a journal without fsync', async () => {
    const verdict = await judgeVariant(disk => withFiles(disk, () => ({ sync: async () => {} })))
    expect(verdict.torn).toBeGreaterThan(0)
    expect(verdict.lostAcknowledged).toBeGreaterThan(0)
  })

  it('catches a journal without directory fsync', async () => {
    const verdict = await judgeVariant(() => ({ syncDirectory: async () => {} }))
    expect(verdict.lostAcknowledged).toBeGreaterThan(0)
  })

  it('catches an fsync after the rename instead of before it', async () => {
    const verdict = await judgeVariant(disk => {
      const waiting: WritableFile[] = []
      return {
        ...withFiles(disk, file => ({ sync: async () => void waiting.push(file) })),
        rename: async (from, to) => {
          await disk.rename(from, to)
          for (const file of waiting.splice(0)) await file.sync()
        },
      }
    })
    expect(verdict.torn).toBeGreaterThan(0)
  })

  it('catches a file that is rewritten in place', async () => {
    const verdict = await judgeVariant(disk => ({
      createFile: async path => {
        await disk.unlink(path.replace(/\.tmp$/, ''))
        return disk.createFile(path.replace(/\.tmp$/, ''))
      },
      rename: async () => {},
    }))
    expect(verdict.torn + verdict.lostAcknowledged).toBeGreaterThan(0)
  })

  it('catches an acknowledgement that does not wait for fsync', async () => {
    const verdict = await judgeVariant(disk =>
      withFiles(disk, file => ({
        sync: async () => {
          setImmediate(() => void file.sync())
        },
      })),
    )
    expect(verdict.lostAcknowledged).toBeGreaterThan(0)
  })

  it('catches a second fsync on a descriptor whose fsync has failed', async () => {
    const verdict = await judgeVariant(
      disk => withFiles(disk, file => ({ sync: () => file.sync().catch(() => file.sync()) })),
      failFirst('sync'),
    )
    expect(verdict.lostAcknowledged).toBeGreaterThan(0)
  })
})
