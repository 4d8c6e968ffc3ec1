import * as v from 'valibot'
import type { Validation } from '../../schema/validate.ts'
import { parseDocument } from './parse-document.ts'

/** A public key that may sign manifests. */
export interface FirmwareKey {
  /** Key id, 1 to 64 letters, digits, `.`, `_`, `:`, `-`. */
  readonly kid: string
  /** The 32 bytes of the Ed25519 public key, base64url: the member `x` of its JWK (RFC 8037). */
  readonly x: string
  /** A key of developers: refused by devices that do not allow it in so many words. */
  readonly debug?: boolean | undefined
}

/**
 * The keys that a device trusts. The next one, `version` one higher, replaces it once both have signed it; a key that is not in it
 * any more is revoked.
 */
export interface FirmwareKeySet {
  /** 1, and one more with every rotation. */
  readonly version: number
  /** How many different keys have to sign, 1 to 8. */
  readonly threshold: number
  /** 1 to 16 keys, each id and each key once. */
  readonly keys: readonly FirmwareKey[]
}

const keySetSchema = v.pipe(
  v.strictObject({
    version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    threshold: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)),
    keys: v.pipe(
      v.array(
        v.strictObject({
          kid: v.pipe(v.string(), v.regex(/^[\w.:-]{1,64}$/, 'must be 1 to 64 letters, digits, . _ : -')),
          // 43 digits hold 258 bits: the last 2 have to be 0, or the same key could be written in four ways.
          x: v.pipe(v.string(), v.regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/, 'must be 32 bytes in base64url')),
          debug: v.exactOptional(v.boolean()),
        }),
      ),
      v.minLength(1),
      v.maxLength(16),
    ),
  }),
  v.check(({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'must hold every key id once'),
  v.check(({ keys }) => new Set(keys.map(({ x }) => x)).size === keys.length, 'must hold every key once'),
  v.check(({ keys, threshold }) => threshold <= keys.length, 'must hold as many keys as the threshold asks for'),
)

/** Reads the text of a key set. Strict, as for manifests. */
export function parseFirmwareKeySet(text: string): Validation<FirmwareKeySet> {
  return parseDocument(text, keySetSchema)
}
