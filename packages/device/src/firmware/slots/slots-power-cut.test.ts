import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SimulatedSlotDisk, type SlotImage } from '../../../test/firmware/simulated-slot-disk.ts'
import type { FirmwareTarget, VerifiedImage } from '../firmware-target.ts'
import { chooseSlot } from './choose-slot.ts'
import type { SlotFileSystem } from './slot-file-system.ts'
import { slots } from './slots.ts'

const folder = '/slots'
const never = new AbortController().signal

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function imageOf(program: string): VerifiedImage {
  return {
    path: '/image',
    size: program.length,
    async *read() {
      yield Buffer.from(program)
    },
  }
}

/** A disk with the program `one` in slot a. */
function deviceWithOne(): SlotImage {
  return new Map([
    [folder, { kind: 'directory' }],
    [`${folder}/a`, { kind: 'directory' }],
    [`${folder}/a/program`, { kind: 'file', bytes: 'one' }],
    [`${folder}/a/slot.json`, { kind: 'file', bytes: JSON.stringify({ version: '1', programSha256: sha256('one') }) }],
    [`${folder}/current`, { kind: 'link', target: 'a' }],
  ])
}

function targetOn(disk: SlotFileSystem, version: string): FirmwareTarget {
  return slots(folder, { version, restart: () => {}, trialStarts: 2, fileSystem: disk })
}

function applyTwo(disk: SlotFileSystem, signal = never): unknown {
  return targetOn(disk, '1').apply(imageOf('two'), { version: '2', sha256: sha256('two'), size: 3 }, signal)
}

/** What a launcher starts from an image: the text of the program, be it whole or not. */
async function start(disk: SimulatedSlotDisk): Promise<string> {
  const { program } = await chooseSlot(folder, disk)
  return Buffer.from((await disk.readFile(program)) ?? '').toString()
}

/** The programs that are started one after the other from an image. */
async function startsFrom(image: SlotImage, count: number): Promise<readonly string[]> {
  const disk = new SimulatedSlotDisk(image)
  const started: string[] = []
  for (let starts = 0; starts < count; starts++) started.push(await start(disk))
  return started
}

interface Verdicts {
  /** What was started first, for every image of a power cut during the work, and after it. */
  readonly during: readonly string[]
  readonly after: readonly string[]
  readonly images: number
}

/** Cuts the power before every call of the work, and after it; looks at every image that this allows. */
async function cutEverywhere(
  before: SlotImage,
  work: (disk: SlotFileSystem) => unknown,
  vary: (disk: SimulatedSlotDisk) => SlotFileSystem = disk => disk,
): Promise<Verdicts> {
  const disk = new SimulatedSlotDisk(before)
  const images: SlotImage[] = []
  disk.beforeCall = () => images.push(...disk.powerCutImages())
  await work(vary(disk))
  const afterwards = [...disk.powerCutImages()]
  const during = await Promise.all(images.map(async image => firstOrError(image)))
  const after = await Promise.all(afterwards.map(async image => firstOrError(image)))
  return { during, after, images: images.length + afterwards.length }
}

async function firstOrError(image: SlotImage): Promise<string> {
  return (await startsFrom(image, 1).catch(error => [String(error)]))[0] ?? ''
}

/** The disk after some work, every change of which is durable. */
async function diskAfter(before: SlotImage, ...works: ((disk: SimulatedSlotDisk) => unknown)[]): Promise<SlotImage> {
  const disk = new SimulatedSlotDisk(before)
  for (const work of works) await work(disk)
  await disk.syncDirectory(folder)
  const [image, ...others] = disk.powerCutImages()
  if (image === undefined || others.length > 0) throw new Error('expected everything to be durable')
  return image
}

const commitTwo = (disk: SlotFileSystem): unknown => targetOn(disk, '2').commit?.()
const rollBackFromTwo = (disk: SlotFileSystem): unknown => targetOn(disk, '2').rollback()

describe('F10: slots under power cuts', () => {
  it('start the one program or the other, whole, while an image is applied, and the new one after that', async () => {
    const { during, after, images } = await cutEverywhere(deviceWithOne(), applyTwo)
    expect(new Set(during)).toEqual(new Set(['one', 'two']))
    expect(new Set(after)).toEqual(new Set(['two']))
    expect(images).toBeGreaterThan(50)
  })

  it('fall back by themselves when a trial is not kept, also when the power is cut while that is counted', async () => {
    const onTrial = await diskAfter(deviceWithOne(), applyTwo)
    expect(await startsFrom(onTrial, 5)).toEqual(['two', 'two', 'one', 'one', 'one'])
    const disk = new SimulatedSlotDisk(onTrial)
    const images: SlotImage[] = []
    disk.beforeCall = () => images.push(...disk.powerCutImages())
    await start(disk)
    await start(disk)
    await start(disk)
    for (const image of [...images, ...disk.powerCutImages()]) {
      const started = await startsFrom(image, 4)
      expect(started.slice(2)).toEqual(['one', 'one'])
      expect(new Set(started)).not.toContain('')
    }
  })

  it('keep the new program once it was kept, and start either until then', async () => {
    const inTrial = await diskAfter(deviceWithOne(), applyTwo, start)
    const { during, after } = await cutEverywhere(inTrial, commitTwo)
    expect(new Set(during)).toEqual(new Set(['two']))
    expect(new Set(after)).toEqual(new Set(['two']))
    const kept = await diskAfter(inTrial, commitTwo)
    expect(await startsFrom(kept, 5)).toEqual(Array(5).fill('two'))
  })

  it('go back for good when they are told to', async () => {
    const inTrial = await diskAfter(deviceWithOne(), applyTwo, start)
    const { during, after } = await cutEverywhere(inTrial, rollBackFromTwo)
    expect(new Set(during)).toEqual(new Set(['one', 'two']))
    expect(new Set(after)).toEqual(new Set(['one']))
  })

  it.each([
    ['applied', applyTwo, ['two', 'two', 'one']],
    ['kept', commitTwo, ['two', 'two', 'two']],
    ['put back', rollBackFromTwo, ['one', 'one', 'one']],
  ])('come to the same end when it is %s again after a cut at any call', async (what, work, expected) => {
    const before = what === 'applied' ? deviceWithOne() : await diskAfter(deviceWithOne(), applyTwo, start)
    const disk = new SimulatedSlotDisk(before)
    const images: SlotImage[] = []
    disk.beforeCall = () => images.push(...disk.powerCutImages())
    await work(disk)
    images.push(...disk.powerCutImages())
    for (const image of images) {
      expect(await startsFrom(await diskAfter(image, work), 3)).toEqual(expected)
    }
  })

  it('put back what was current when keeping the new one failed half-way', async () => {
    const disk = new SimulatedSlotDisk(await diskAfter(deviceWithOne(), applyTwo, start))
    let renamed = false
    const failing = varied(disk, {
      rename: async (from, to) => {
        await disk.rename(from, to)
        renamed = true
      },
      syncDirectory: path => (renamed ? Promise.reject(new Error('EIO')) : disk.syncDirectory(path)),
    })
    await expect(commitTwo(failing)).rejects.toThrow('EIO')
    await rollBackFromTwo(disk)
    expect(await start(disk)).toBe('one')
  })
})

/** A disk on which some calls do something else. */
function varied(disk: SimulatedSlotDisk, variants: Partial<SlotFileSystem>): SlotFileSystem {
  const handler: ProxyHandler<SimulatedSlotDisk> = {
    get: (target, name) => {
      const own: unknown = Reflect.get(variants, name)
      if (own !== undefined) return own
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  }
  return new Proxy(disk, handler)
}

describe('the power cut checker of the slots', () => {
  it('catches a program that is not synced', async () => {
    const { after } = await cutEverywhere(deviceWithOne(), applyTwo, disk =>
      varied(disk, {
        createFile: async path => ({ ...(await disk.createFile(path)), sync: async () => {} }),
      }),
    )
    expect(new Set(after)).toContain('one')
  })

  it('catches names that are not synced', async () => {
    const { after } = await cutEverywhere(deviceWithOne(), applyTwo, disk =>
      varied(disk, { syncDirectory: async () => {} }),
    )
    expect(new Set(after)).toContain('one')
  })

  it('catches a slot that is overwritten while it is current', async () => {
    const { during } = await cutEverywhere(deviceWithOne(), async disk => {
      await disk.removeTree(`${folder}/a/program`)
      const file = await disk.createFile(`${folder}/a/program`)
      await file.write(Buffer.from('two'))
      await file.sync()
    })
    expect(new Set(during)).toContain('')
  })
})
