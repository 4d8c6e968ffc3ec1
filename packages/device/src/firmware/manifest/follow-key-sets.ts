import {
  describeIssues,
  type FirmwareKeySet,
  parseFirmwareKeySet,
  readUnverified,
  type SignedDocument,
} from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'
import { type SignaturePolicy, verifyDocument } from './verify-document.ts'

/**
 * Follows a chain of key sets from the one that is trusted to the newest. Each has to be signed by enough keys of the one before, which
 * vouch for it, and of its own, which prove that they are in use. Those that lie behind already are passed over.
 *
 * @param chain in ascending order
 * @throws FirmwareError `SignatureInvalid`, or `ManifestInvalid` when one is malformed or one is missing in between
 */
export async function followKeySets(
  trusted: FirmwareKeySet,
  chain: readonly SignedDocument[],
  policy: SignaturePolicy,
): Promise<FirmwareKeySet> {
  let current = trusted
  for (const signed of chain) {
    const next = parse(readUnverified(signed) ?? '')
    if (next.version <= current.version) continue
    if (next.version !== current.version + 1) {
      throw new FirmwareError(
        'SignatureInvalid',
        `key set ${next.version} cannot follow key set ${current.version}: one is missing in between`,
      )
    }
    await verifyDocument(signed, 'firmware-keys', next, policy)
    const { text } = await verifyDocument(signed, 'firmware-keys', current, policy)
    current = parse(text)
  }
  return current
}

function parse(text: string): FirmwareKeySet {
  const parsed = parseFirmwareKeySet(text)
  if (parsed.valid) return parsed.value
  throw new FirmwareError('ManifestInvalid', `key set: ${describeIssues(parsed.issues)}`)
}
