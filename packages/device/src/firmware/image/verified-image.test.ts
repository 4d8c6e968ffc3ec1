import { randomBytes } from 'node:crypto'
import { link, open, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Of } from '../../../test/firmware/signed-documents.ts'
import { temporaryDirectory } from '../../../test/simulated-life.ts'
import type { VerifiedImage } from '../firmware-target.ts'
import { withVerifiedImage } from './verified-image.ts'

const mebibyte = 1024 * 1024
const image = randomBytes(2.5 * mebibyte)
const expected = { sha256: sha256Of(image), size: image.length }
const mismatch = { name: 'FirmwareError', code: 'DigestMismatch' }

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let path: string
beforeEach(async () => {
  directory = await temporaryDirectory()
  path = join(directory.path, 'image')
  await writeFile(path, image)
})
afterEach(() => directory[Symbol.asyncDispose]())

async function read(verified: VerifiedImage): Promise<Buffer> {
  const blocks: Uint8Array[] = []
  for await (const block of verified.read()) blocks.push(block)
  return Buffer.concat(blocks)
}

/** Changes one byte of the file in its place. */
async function flip(position: number): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(Buffer.from([(image[position] ?? 0) ^ 1]), 0, 1, position)
  await file.close()
}

describe('an image', () => {
  it.each([0, 1, 5, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte])(
    'of %d bytes is handed out as it is',
    async size => {
      const part = image.subarray(0, size)
      await writeFile(path, part)
      const handed = await withVerifiedImage(path, { sha256: sha256Of(part), size }, async verified => {
        expect(verified).toMatchObject({ path, size })
        return [await read(verified), await read(verified)]
      })
      expect(handed.map(bytes => bytes.equals(part))).toEqual([true, true])
    },
  )

  it('needs no size', async () => {
    expect(await withVerifiedImage(path, { ...expected, size: null }, async ({ size }) => size)).toBe(image.length)
  })

  it.each<[string, () => Promise<void>]>([
    ['one byte is another', () => flip(mebibyte)],
    ['the last byte is missing', () => truncate(path, image.length - 1)],
    ['something stands behind it', () => writeFile(path, Buffer.concat([image, Buffer.alloc(1)]))],
    ['it is gone', () => rm(path)],
    [
      'it is a symbolic link to the same bytes',
      async () => {
        await rename(path, `${path}.real`)
        await symlink(`${path}.real`, path)
      },
    ],
    ['it has a second name', () => link(path, `${path}.other`)],
  ])('F2, F16, F17: is refused when %s', async (_, change) => {
    await change()
    let used = false
    await expect(withVerifiedImage(path, expected, async () => (used = true))).rejects.toMatchObject(mismatch)
    expect(used).toBe(false)
  })

  it('F2: is refused with any of 1,000 flipped bits of a mebibyte', async () => {
    const whole = image.subarray(0, mebibyte)
    await writeFile(path, whole)
    const promised = { sha256: sha256Of(whole), size: mebibyte }
    const file = await open(path, 'r+')
    for (let count = 0; count < 1000; count += 1) {
      const bit = Math.floor((count * 8 * mebibyte) / 1000) + (count % 8)
      const position = bit >> 3
      const byte = whole[position] ?? 0
      await file.write(Buffer.from([byte ^ (1 << (bit & 7))]), 0, 1, position)
      await expect(withVerifiedImage(path, promised, async () => {})).rejects.toMatchObject(mismatch)
      await file.write(Buffer.from([byte]), 0, 1, position)
    }
    await file.close()
    await expect(withVerifiedImage(path, promised, async () => 'good')).resolves.toBe('good')
  }, 60_000)
})

describe('F16: between the verification and the use', () => {
  it('another file under the same name is not seen', async () => {
    const handed = await withVerifiedImage(path, expected, async verified => {
      await writeFile(`${path}.evil`, randomBytes(image.length))
      await rename(`${path}.evil`, path)
      return read(verified)
    })
    expect(handed.equals(image)).toBe(true)
  })

  it('a symbolic link in its place is not seen', async () => {
    const handed = await withVerifiedImage(path, expected, async verified => {
      await writeFile(`${path}.evil`, 'evil')
      await rm(path)
      await symlink(`${path}.evil`, path)
      return read(verified)
    })
    expect(handed.equals(image)).toBe(true)
  })

  it('other bytes in the same file are never handed out, wherever they are', async () => {
    for (const position of [0, mebibyte - 1, mebibyte, image.length - 1]) {
      await writeFile(path, image)
      const blocks: Uint8Array[] = []
      const using = withVerifiedImage(path, expected, async verified => {
        await flip(position)
        for await (const block of verified.read()) blocks.push(block)
      })
      await expect(using).rejects.toMatchObject(mismatch)
      expect(Buffer.concat(blocks).equals(image.subarray(0, blocks.length * mebibyte))).toBe(true)
      expect(blocks.length).toBe(Math.floor(position / mebibyte))
    }
  })

  it('a file that was cut short, or is written to while it is read, is found out', async () => {
    await expect(
      withVerifiedImage(path, expected, async verified => {
        await truncate(path, mebibyte + 5)
        await read(verified)
      }),
    ).rejects.toMatchObject(mismatch)
    await writeFile(path, image)
    await expect(
      withVerifiedImage(path, expected, async verified => {
        for await (const { length } of verified.read()) if (length > 0) await flip(image.length - 1)
      }),
    ).rejects.toMatchObject(mismatch)
  })

  it('what is handed out is memory that nobody else writes to', async () => {
    await withVerifiedImage(path, expected, async verified => {
      const blocks: Uint8Array[] = []
      for await (const block of verified.read()) blocks.push(block)
      await writeFile(path, Buffer.alloc(image.length))
      expect(Buffer.concat(blocks).equals(image)).toBe(true)
    })
  })
})
