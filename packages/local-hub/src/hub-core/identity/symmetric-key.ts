import { HubError } from '../error/hub-error.ts'
import type { RandomSource } from '../random-source.ts'

const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/

/** The two keys that a device or a policy can sign with, Base64. */
export interface SymmetricKeyPair {
  readonly primaryKey: string
  readonly secondaryKey: string
}

/** Two fresh keys of 32 bytes. */
export function generateKeyPair(random: RandomSource): SymmetricKeyPair {
  return { primaryKey: random(32).toString('base64'), secondaryKey: random(32).toString('base64') }
}

/**
 * Checks a key that a caller chose: Base64 of 16 to 64 bytes (wire reference 8.2).
 *
 * @throws HubError `ArgumentInvalid` (400). The key itself is not in the text.
 */
export function assertSymmetricKey(key: string): void {
  const byteCount = base64Pattern.test(key) ? Buffer.from(key, 'base64').length : 0
  if (byteCount < 16 || byteCount > 64) {
    throw new HubError('ArgumentInvalid', 'Invalid device key length: expected Base64 of 16 to 64 bytes.')
  }
}
