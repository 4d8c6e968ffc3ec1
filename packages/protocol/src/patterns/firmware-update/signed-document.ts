import * as v from 'valibot'

/**
 * A document and its signatures: either one compact JWS (RFC 7515), or the text of the document with one or more detached JWS
 * (`header..signature`).
 */
export type SignedDocument = string | { readonly document: string; readonly signatures: readonly string[] }

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(32_768))

/** Schema of a {@link SignedDocument}; what is inside is read once its signatures are verified. */
export const signedDocument: v.GenericSchema<SignedDocument> = v.union([
  text,
  v.object({
    document: text,
    signatures: v.pipe(v.array(v.pipe(v.string(), v.maxLength(1024))), v.minLength(1), v.maxLength(16)),
  }),
])

/**
 * The text of a document, whoever has signed it: good for showing it, and for nothing that anybody relies on.
 *
 * @returns undefined when it is no text
 */
export function readUnverified(signed: SignedDocument): string | undefined {
  if (typeof signed !== 'string') return signed.document
  const [, payload = ''] = signed.split('.')
  try {
    const bytes = atob(payload.replaceAll('-', '+').replaceAll('_', '/'))
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(bytes, character => character.charCodeAt(0)),
    )
  } catch {
    return undefined
  }
}
