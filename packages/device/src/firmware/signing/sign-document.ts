import type { SignedDocument } from '@iothub-dm/protocol'
import { FlattenedSign } from 'jose/jws/flattened/sign'
import type { DocumentType } from '../manifest/json-web-signature.ts'
import { checkPrivateKey, type SigningKey } from './signing-key.ts'

/** A document with signatures beside it; more can be added. */
export type DetachedDocument = Exclude<SignedDocument, string>

/** Signs a document with every key, each signature detached from it. */
export async function signDocument(
  document: string,
  type: DocumentType,
  keys: readonly SigningKey[],
): Promise<DetachedDocument> {
  if (keys.length === 0) throw new TypeError('keys: expected at least one')
  const signatures: string[] = []
  for (const { kid, privateKey } of keys) {
    checkPrivateKey(kid, privateKey)
    const jws = await new FlattenedSign(new TextEncoder().encode(document))
      .setProtectedHeader({ alg: 'EdDSA', typ: type, kid })
      .sign(privateKey)
    signatures.push(`${jws.protected}..${jws.signature}`)
  }
  return { document, signatures }
}
