import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

/** What a manifest says about the bytes of an image. */
export interface ImageDigest {
  /** Bytes. */
  readonly size: number
  /** 64 hexadecimal digits in lower case. */
  readonly sha256: string
}

/**
 * Hashes an image. What is signed must be what was built: a file that changes meanwhile, or is another one in the end, is refused.
 *
 * @param onProgress told how many bytes are hashed so far
 * @throws TypeError when the file is empty, no file, or has changed
 * @example
 * ```ts
 * const { size, sha256 } = await hashImage('camera-2.8.5.bin')
 * ```
 */
export async function hashImage(path: string, onProgress?: (bytes: number) => void): Promise<ImageDigest> {
  const before = await identify(path)
  const file = await open(path, 'r')
  try {
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      hash.update(chunk)
      size += chunk.length
      onProgress?.(size)
    }
    const sha256 = hash.digest('hex')
    const isSame = before === (await identifyOpen(file)) && before === (await identify(path))
    if (!isSame || !before.endsWith(` ${size}`)) throw new TypeError(`${path}: the file changed while it was hashed`)
    return { size, sha256 }
  } finally {
    await file.close()
  }
}

async function identify(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    return await identifyOpen(file)
  } finally {
    await file.close()
  }
}

/** Which file it is, when it was last written to, in nanoseconds, and its size. */
async function identifyOpen(file: FileHandle): Promise<string> {
  const status = await file.stat({ bigint: true })
  if (!status.isFile() || status.size === 0n) throw new TypeError('expected a file that is not empty')
  return `${status.dev} ${status.ino} ${status.mtimeNs} ${status.ctimeNs} ${status.size}`
}
