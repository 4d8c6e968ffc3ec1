import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SymmetricKeyPair } from '../identity/symmetric-key.ts'
import type { SasToken } from './sas-token.ts'

/** Tells whether one of the two keys signed the token. Signatures are compared in constant time. */
export function isSignedByEither(token: SasToken, keys: SymmetricKeyPair): boolean {
  return isSignedBy(token, keys.primaryKey) || isSignedBy(token, keys.secondaryKey)
}

/** Tells in constant time whether this key (Base64) signed the token. */
export function isSignedBy(token: SasToken, key: string): boolean {
  return isSame(createHmac('sha256', Buffer.from(key, 'base64')).update(token.signedText).digest(), token.signature)
}

/** Checks the tokens of keys that sign many requests: a back end sends the same token again and again. */
export class RepeatedSignatures {
  /** The last token that each pair of keys was found to have signed. */
  readonly #lastSigned = new WeakMap<SymmetricKeyPair, SasToken>()

  /** Like {@link isSignedByEither}, but computes nothing when the token is that of the last time. */
  isSignedByEither(token: SasToken, keys: SymmetricKeyPair): boolean {
    const last = this.#lastSigned.get(keys)
    if (last?.signedText === token.signedText && isSame(last.signature, token.signature)) return true
    const signed = isSignedByEither(token, keys)
    if (signed) this.#lastSigned.set(keys, token)
    return signed
  }
}

function isSame(expected: Buffer, signature: Buffer): boolean {
  return signature.length === expected.length && timingSafeEqual(signature, expected)
}
