import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { VerifiedImage } from '../firmware-target.ts'
import { chooseSlot } from './choose-slot.ts'
import { createSlots } from './create-slots.ts'
import { type SlotsOptions, slots } from './slots.ts'

const never = new AbortController().signal
let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slots-'))
  path = join(directory, 'slots')
  await writeFile(join(directory, 'one'), 'program one')
  await createSlots(path, { version: '1', file: join(directory, 'one') })
})

afterEach(() => rm(directory, { recursive: true }))

function imageOf(...blocks: readonly string[]): VerifiedImage {
  return {
    path: join(directory, 'image'),
    size: blocks.join('').length,
    async *read() {
      for (const block of blocks) yield Buffer.from(block)
    },
  }
}

function target(version: string, options: Partial<SlotsOptions> = {}) {
  return slots(path, { version, restart: () => {}, ...options })
}

function firmware(version: string, program: string) {
  return { version, sha256: createHash('sha256').update(program).digest('hex'), size: program.length }
}

const unpack: SlotsOptions['unpack'] = async (image, folder) => {
  await mkdir(join(folder, 'lib'))
  for await (const block of image.read()) await writeFile(join(folder, 'lib', 'main.js'), block)
  await symlink('main.js', join(folder, 'lib', 'link.js'))
}

async function startedProgram(): Promise<string> {
  return readFile((await chooseSlot(path)).program, 'utf8')
}

describe('slots', () => {
  it('begin with the first program, which is made once', async () => {
    expect(await startedProgram()).toBe('program one')
    expect(await chooseSlot(path)).toEqual({
      slot: 'a',
      directory: join(path, 'a'),
      program: join(path, 'a', 'program'),
      isTrial: false,
    })
    await writeFile(join(directory, 'one'), 'something else')
    expect(await createSlots(path, { version: '1', file: join(directory, 'one') })).toBe(false)
    expect(await startedProgram()).toBe('program one')
  })

  it('take a new program on trial, and keep it', async () => {
    await target('1').apply(imageOf('program', ' two'), firmware('2', 'program two'), never)
    expect(await chooseSlot(path)).toMatchObject({ slot: 'b', isTrial: true })
    expect(await readlink(join(path, 'current'))).toBe('a')
    await target('2').commit?.()
    expect(await readlink(join(path, 'current'))).toBe('b')
    expect(await chooseSlot(path)).toMatchObject({ slot: 'b', isTrial: false })
    expect((await readdir(path)).toSorted()).toEqual(['a', 'b', 'current', 'trial-starts'])
    // and the one after that goes into the slot that is free
    await target('2').apply(imageOf('three'), firmware('3', 'three'), never)
    expect(await chooseSlot(path)).toMatchObject({ slot: 'a', isTrial: true })
  })

  it('give the new program as many starts as it is allowed, then fall back', async () => {
    await target('1', { trialStarts: 2 }).apply(imageOf('two'), firmware('2', 'two'), never)
    const started = [await startedProgram(), await startedProgram(), await startedProgram(), await startedProgram()]
    expect(started).toEqual(['two', 'two', 'program one', 'program one'])
    await expect(target('1').commit?.()).resolves.toBeUndefined()
    expect(await startedProgram()).toBe('program one')
  })

  it('go back when told to', async () => {
    await target('1').apply(imageOf('two'), firmware('2', 'two'), never)
    await startedProgram()
    await target('2').rollback()
    await target('2').rollback()
    expect(await startedProgram()).toBe('program one')
  })

  it('keep no version that does not run', async () => {
    await target('1').apply(imageOf('two'), firmware('2', 'two'), never)
    await expect(target('3').commit?.()).rejects.toMatchObject({ code: 'ApplyFailed' })
    expect(await readlink(join(path, 'current'))).toBe('a')
  })

  it('keep programs to themselves', async () => {
    await target('1').apply(imageOf('two'), firmware('2', 'two'), never)
    expect((await stat(join(path, 'b'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(path, 'b', 'program'))).mode & 0o777).toBe(0o700)
  })

  it('unpack an archive where the app does that', async () => {
    await target('1', { unpack }).apply(imageOf('two'), firmware('2', 'archive'), never)
    const { directory: folder, isTrial } = await chooseSlot(path)
    expect(isTrial).toBe(true)
    expect(await readFile(join(folder, 'lib', 'main.js'), 'utf8')).toBe('two')
  })

  it('stop when they are told to, and change nothing of what starts', async () => {
    const cancelled = new Error('cancelled')
    const failure = target('1').apply(imageOf('two'), firmware('2', 'two'), AbortSignal.abort(cancelled))
    await expect(failure).rejects.toBe(cancelled)
    expect(await startedProgram()).toBe('program one')
  })

  it('say which option is of no use', () => {
    expect(() => target('')).toThrow(TypeError)
    // @ts-expect-error - a caller without types
    expect(() => slots(path, { version: '1' })).toThrow('options.restart: expected a function, got undefined')
    expect(() => target('1', { trialStarts: 0 })).toThrow('trialStarts: expected an integer from 1 to 100, got 0')
  })

  it('need one that is current', async () => {
    await rm(join(path, 'current'))
    await expect(chooseSlot(path)).rejects.toMatchObject({ code: 'SlotsUnusable' })
    await expect(target('1').apply(imageOf('two'), firmware('2', 'two'), never)).rejects.toMatchObject({
      code: 'ApplyFailed',
    })
    await symlink('../elsewhere', join(path, 'current'))
    await expect(chooseSlot(path)).rejects.toMatchObject({ code: 'SlotsUnusable' })
  })
})

describe('F13: links where a slot should be', () => {
  it.each([
    ['the slot', (elsewhere: string) => symlink(elsewhere, join(path, 'b'))],
    [
      'the program',
      (elsewhere: string) =>
        mkdir(join(path, 'b')).then(() => symlink(join(elsewhere, 'file'), join(path, 'b', 'program'))),
    ],
    ['the counter', (elsewhere: string) => symlink(join(elsewhere, 'file'), join(path, 'trial-starts.new'))],
    [
      'the note',
      (elsewhere: string) =>
        mkdir(join(path, 'b')).then(() => symlink(join(elsewhere, 'file'), join(path, 'b', 'slot.json'))),
    ],
  ])('are not followed: %s', async (_, plant) => {
    const elsewhere = join(directory, 'elsewhere')
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'file'), 'precious')
    await plant(elsewhere)
    await target('1').apply(imageOf('two'), firmware('2', 'two'), never)
    expect(await readdir(elsewhere)).toEqual(['file'])
    expect(await readFile(join(elsewhere, 'file'), 'utf8')).toBe('precious')
    expect(await startedProgram()).toBe('two')
  })

  it('do not lead a version out of its slot: its name is part of no path', async () => {
    await target('1').apply(imageOf('two'), firmware('../../x', 'two'), never)
    expect((await readdir(directory)).toSorted()).toEqual(['one', 'slots'])
  })
})

describe('F16: a program that is replaced after it was verified', () => {
  it('is not taken when it is replaced on its way into the slot', async () => {
    const failure = target('1').apply(imageOf('evil'), firmware('2', 'two'), never)
    await expect(failure).rejects.toMatchObject({ code: 'DigestMismatch' })
    expect(await startedProgram()).toBe('program one')
  })

  it.each([
    ['by other bytes', (program: string) => writeFile(program, 'evil')],
    ['by nothing', (program: string) => rm(program)],
    [
      'by a link',
      async (program: string) => {
        await writeFile(join(directory, 'evil'), 'two')
        await rm(program)
        await symlink(join(directory, 'evil'), program)
      },
    ],
  ])('is not started on trial: %s', async (_, replace) => {
    await target('1').apply(imageOf('two'), firmware('2', 'two'), never)
    await replace(join(path, 'b', 'program'))
    expect(await startedProgram()).toBe('program one')
    expect(await readdir(path)).not.toContain('trial')
  })

  it('is not started on trial by a counter that somebody has damaged', async () => {
    await target('1').apply(imageOf('two'), firmware('2', 'two'), never)
    await writeFile(join(path, 'trial-starts'), '-1\n')
    expect(await startedProgram()).toBe('program one')
  })
})
