import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { openRegularFile } from '../download/private-file.ts'
import { FirmwareError } from '../firmware-error.ts'
import type { VerifiedImage } from '../firmware-target.ts'

/** A digest of 32 bytes is kept in memory for each block: 32 KiB for an image of 1 GiB. */
const blockSize = 1024 * 1024

/** What an image has to be. */
export interface ImageExpectation {
  readonly sha256: string
  /** Bytes; null when nobody said. */
  readonly size: number | null
}

/**
 * Reads an image, holds it against its digest, and calls back with it while the file is open. The digest of every block is kept, so
 * that what is read from the image later is the same to the byte, whatever has happened to the file in between.
 *
 * @throws FirmwareError `DigestMismatch`
 */
export async function withVerifiedImage<TResult>(
  path: string,
  expected: ImageExpectation,
  use: (image: VerifiedImage) => Promise<TResult>,
): Promise<TResult> {
  const file = await openRegularFile(path)
  if (file === undefined) throw new FirmwareError('DigestMismatch', 'the image is not where it was put')
  try {
    const { size } = await file.stat()
    const blocks = await digestBlocks(file, size, expected)
    return await use({ path, size, read: () => readBlocks(file, size, blocks) })
  } finally {
    await file.close()
  }
}

async function digestBlocks(file: FileHandle, size: number, expected: ImageExpectation): Promise<readonly string[]> {
  if (expected.size !== null && expected.size !== size) {
    throw new FirmwareError('DigestMismatch', `the image on the disk has ${size} bytes, promised were ${expected.size}`)
  }
  const whole = createHash('sha256')
  const blocks: string[] = []
  for (let start = 0; start < size; start += blockSize) {
    const block = await readBlock(file, start, size)
    whole.update(block)
    blocks.push(digestOf(block))
  }
  if (whole.digest('hex') === expected.sha256) return blocks
  throw new FirmwareError('DigestMismatch', 'the image on the disk is not what was promised')
}

async function* readBlocks(file: FileHandle, size: number, blocks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const [index, digest] of blocks.entries()) {
    const block = await readBlock(file, index * blockSize, size)
    if (digestOf(block) !== digest) {
      throw new FirmwareError('DigestMismatch', 'the image was changed on the disk after it was verified')
    }
    yield block
  }
}

/** A block in memory of its own: nobody else writes to it once it is verified. */
async function readBlock(file: FileHandle, start: number, size: number): Promise<Uint8Array> {
  const block = new Uint8Array(Math.min(blockSize, size - start))
  let filled = 0
  while (filled < block.length) {
    const { bytesRead } = await file.read(block, filled, block.length - filled, start + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return block.subarray(0, filled)
}

function digestOf(block: Uint8Array): string {
  return createHash('sha256').update(block).digest('base64')
}
