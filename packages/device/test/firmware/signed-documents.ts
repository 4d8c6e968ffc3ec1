import { createHash, generateKeyPairSync } from 'node:crypto'
import type { FirmwareKeySet, FirmwareManifest } from '@iothub-dm/protocol'
import type { DocumentType } from '../../src/firmware/manifest/json-web-signature.ts'
import { type DetachedDocument, signDocument } from '../../src/firmware/signing/sign-document.ts'
import { publicKeyOf, type SigningKey } from '../../src/firmware/signing/signing-key.ts'

/** Test support: a fresh key to sign with. */
export function newKey(kid: string): SigningKey {
  return { kid, privateKey: generateKeyPairSync('ed25519').privateKey }
}

export function keySetOf(version: number, threshold: number, ...keys: readonly SigningKey[]): FirmwareKeySet {
  return { version, threshold, keys: keys.map(key => publicKeyOf(key)) }
}

export function sha256Of(image: Uint8Array): string {
  return createHash('sha256').update(image).digest('hex')
}

/** A manifest for an image, good for a camera until 2027. */
export function manifestOf(image: Uint8Array, changes: Partial<FirmwareManifest> = {}): FirmwareManifest {
  return {
    version: '2.0.0',
    sequence: 200,
    models: ['camera'],
    size: image.length,
    sha256: sha256Of(image),
    url: 'https://images.example.com/camera.bin',
    expires: '2027-01-31T12:00:00Z',
    ...changes,
  }
}

export function signManifest(manifest: object, ...keys: readonly SigningKey[]): Promise<DetachedDocument> {
  return signDocument(JSON.stringify(manifest), 'firmware-manifest', keys)
}

export function signKeySet(keySet: FirmwareKeySet, ...keys: readonly SigningKey[]): Promise<DetachedDocument> {
  return signDocument(JSON.stringify(keySet), 'firmware-keys', keys)
}

/** The same as one compact JWS. */
export async function signCompact(document: object, type: DocumentType, key: SigningKey): Promise<string> {
  const { document: text, signatures } = await signDocument(JSON.stringify(document), type, [key])
  const [header, , signature] = signatures[0]?.split('.') ?? []
  return `${header}.${Buffer.from(text).toString('base64url')}.${signature}`
}
