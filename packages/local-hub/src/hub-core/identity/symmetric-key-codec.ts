import type { JsonReader } from '../durable/read-json.ts'
import { assertSymmetricKey, type SymmetricKeyPair } from './symmetric-key.ts'

/**
 * Reads a pair of keys back.
 *
 * @throws TypeError or HubError when one is no key. It is not in the text.
 */
export function readKeyPair(pair: JsonReader): SymmetricKeyPair {
  const primaryKey = pair.string('primaryKey')
  const secondaryKey = pair.string('secondaryKey')
  assertSymmetricKey(primaryKey)
  assertSymmetricKey(secondaryKey)
  return { primaryKey, secondaryKey }
}
