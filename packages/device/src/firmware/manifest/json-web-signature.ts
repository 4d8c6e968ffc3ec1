import { Buffer } from 'node:buffer'
import { isJsonObject } from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'

/** What a signature is for: a signature under one kind of document is none under the other. */
export type DocumentType = 'firmware-manifest' | 'firmware-keys'

/** The three parts of a JWS (RFC 7515), as they are written, and what its header says. */
export interface JsonWebSignature {
  readonly protected: string
  readonly payload: string
  readonly signature: string
  readonly kid: string
}

/**
 * Takes a JWS apart that can only be what this library makes: Ed25519, three members in the header, one way to write it. All
 * else that the standard allows is refused, above all another algorithm.
 *
 * @param text compact, `header.payload.signature`, or detached, `header..signature`
 * @param document for a detached one, what was signed
 * @throws FirmwareError `SignatureInvalid`
 */
export function parseJsonWebSignature(text: string, type: DocumentType, document?: string): JsonWebSignature {
  const parts = text.split('.')
  const [header = '', attached = '', signature = ''] = parts
  const isDetached = document !== undefined
  const payload = isDetached ? Buffer.from(document).toString('base64url') : attached
  if (parts.length !== 3 || isDetached !== (attached === '')) {
    throw invalid(`must be ${isDetached ? 'header..signature' : 'header.payload.signature'}`)
  }
  if (![header, payload, signature].every(isCanonical)) throw invalid('is not plain base64url')
  const { kid, ...rest } = headerOf(header)
  const isExpected = rest.alg === 'EdDSA' && rest.typ === type && Object.keys(rest).length === 2
  if (!isExpected || typeof kid !== 'string') {
    throw invalid(`must have a header of alg EdDSA, typ ${type} and a kid, and nothing else`)
  }
  return { protected: header, payload, signature, kid }
}

/** Several texts decode to the same bytes; only the one that they are written as again is taken. */
function isCanonical(text: string): boolean {
  return text !== '' && Buffer.from(text, 'base64url').toString('base64url') === text
}

function headerOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const header: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return isJsonObject(header) ? header : {}
  } catch {
    return {}
  }
}

function invalid(problem: string): FirmwareError {
  return new FirmwareError('SignatureInvalid', `the signature ${problem}`)
}
