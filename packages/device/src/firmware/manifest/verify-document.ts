import { Buffer } from 'node:buffer'
import { createPublicKey } from 'node:crypto'
import type { FirmwareKey, FirmwareKeySet, SignedDocument } from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'
import { type DocumentType, type JsonWebSignature, parseJsonWebSignature } from './json-web-signature.ts'

/** A document that enough of the trusted keys have signed. */
export interface VerifiedDocument {
  /** The text, exactly as it was signed. */
  readonly text: string
  /** The keys, by their `x`, that have signed it; each once. */
  readonly signers: readonly string[]
}

/** Which signatures count. */
export interface SignaturePolicy {
  /** Whether the keys of developers count. */
  readonly allowDebugKeys: boolean
}

/**
 * Verifies a document against the keys that are trusted. A signature of a key that is not among them counts for nothing; one of a
 * trusted key that does not verify is the end.
 *
 * @throws FirmwareError `SignatureInvalid` when fewer different keys have signed than the threshold asks for
 */
export async function verifyDocument(
  signed: SignedDocument,
  type: DocumentType,
  keySet: FirmwareKeySet,
  policy: SignaturePolicy,
): Promise<VerifiedDocument> {
  const signatures = signaturesOf(signed, type)
  const signers = new Set<string>()
  for (const signature of signatures) {
    const key = keySet.keys.find(({ kid }) => kid === signature.kid)
    if (key === undefined || (key.debug === true && !policy.allowDebugKeys)) continue
    await verify(signature, key)
    signers.add(key.x)
  }
  if (signers.size < keySet.threshold) {
    throw new FirmwareError(
      'SignatureInvalid',
      `${type} is signed by ${signers.size} of the keys that are trusted, ${keySet.threshold} have to`,
    )
  }
  return { text: textOf(signatures[0]?.payload ?? ''), signers: [...signers] }
}

function signaturesOf(signed: SignedDocument, type: DocumentType): readonly JsonWebSignature[] {
  if (typeof signed === 'string') return [parseJsonWebSignature(signed, type)]
  return signed.signatures.map(signature => parseJsonWebSignature(signature, type, signed.document))
}

async function verify(signature: JsonWebSignature, { kid, x }: FirmwareKey): Promise<void> {
  // Loaded once it is needed: most programs never see a signature, and all would pay for it at start.
  const { flattenedVerify } = await import('jose/jws/flattened/verify')
  try {
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } })
    await flattenedVerify(signature, key, { algorithms: ['EdDSA'] })
  } catch {
    throw new FirmwareError('SignatureInvalid', `the signature of key '${kid}' does not verify`)
  }
}

/** The bytes that were verified, not the text that came: a lone surrogate is another text, and the same bytes. */
function textOf(payload: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(payload, 'base64url'))
  } catch {
    throw new FirmwareError('ManifestInvalid', 'what was signed is no text')
  }
}
