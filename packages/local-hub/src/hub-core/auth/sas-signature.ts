import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SymmetricKeyPair } from '../identity/symmetric-key.ts'
import type { SasToken } from './sas-token.ts'

/** Tells in constant time whether one of the two keys signed the token. */
export function isSignedByEither(token: SasToken, keys: SymmetricKeyPair): boolean {
  const primary = isSignedBy(token, keys.primaryKey)
  const secondary = isSignedBy(token, keys.secondaryKey)
  return primary || secondary
}

/** Tells in constant time whether this key (Base64) signed the token. */
export function isSignedBy(token: SasToken, key: string): boolean {
  const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(token.signedText).digest()
  return token.signature.length === expected.length && timingSafeEqual(token.signature, expected)
}
