import { randomFillSync } from 'node:crypto'
import type { RandomSource } from './hub-core/random-source.ts'

/** Asking the system costs about as much for this many bytes as for a few. */
const poolSizeInBytes = 4096

/** Makes a source of random bytes of the system, which are fetched many at a time: every answer of the REST API has an id made of some. */
export function systemRandom(): RandomSource {
  const pool = Buffer.alloc(poolSizeInBytes)
  let used = poolSizeInBytes
  return byteCount => {
    if (byteCount > poolSizeInBytes) return randomFillSync(Buffer.alloc(byteCount))
    if (used + byteCount > poolSizeInBytes) {
      randomFillSync(pool)
      used = 0
    }
    used += byteCount
    const bytes = Buffer.from(pool.subarray(used - byteCount, used))
    // Nothing that became a key stays here.
    pool.fill(0, used - byteCount, used)
    return bytes
  }
}
