import {
  describeIssues,
  type FirmwareKeySet,
  type FirmwareManifest,
  parseFirmwareKeySet,
  parseFirmwareManifest,
} from '@iothub-dm/protocol'
import { hashImage } from './hash-image.ts'
import { type DetachedDocument, signDocument } from './sign-document.ts'
import type { SigningKey } from './signing-key.ts'

/** Shows what is about to be signed, line by line; nobody should sign what he does not see. */
export type Print = (line: string) => void

/**
 * Hashes an image and signs a manifest for it.
 *
 * @param imageFile the image, as devices will download it
 * @param manifest all that the manifest says but for what is taken from the file
 * @param keys each signs
 * @param print shown the manifest before it is signed
 * @returns what goes into a request as its `manifest`
 * @throws TypeError when the manifest is malformed, or the file changed while it was hashed
 * @example
 * ```ts
 * const manifest = await signFirmwareManifest(
 *   'camera-2.8.5.bin',
 *   { version: '2.8.5', sequence: 285, models: ['camera'], expires: '2027-01-31T00:00:00Z' },
 *   [{ kid: 'release-1', privateKey }],
 *   line => process.stdout.write(`${line}\n`),
 * )
 * ```
 */
export async function signFirmwareManifest(
  imageFile: string,
  manifest: Omit<FirmwareManifest, 'size' | 'sha256'>,
  keys: readonly SigningKey[],
  print: Print,
): Promise<DetachedDocument> {
  const document = JSON.stringify({ ...manifest, ...(await hashImage(imageFile)) })
  return signManifestText(document, keys, print)
}

/**
 * Adds signatures to a manifest, where more than one has to sign and the keys are in different hands.
 *
 * @throws TypeError when the manifest is malformed
 * @example
 * ```ts
 * const manifest = await countersignFirmwareManifest(signedByAlice, [bob], line => process.stdout.write(`${line}\n`))
 * ```
 */
export async function countersignFirmwareManifest(
  { document, signatures }: DetachedDocument,
  keys: readonly SigningKey[],
  print: Print,
): Promise<DetachedDocument> {
  const signed = await signManifestText(document, keys, print)
  return { document, signatures: [...signatures, ...signed.signatures] }
}

/**
 * Signs a key set. It has to be signed by enough keys of the one before it, and of its own.
 *
 * @returns what goes into a request as one of its `keySets`
 * @throws TypeError when the key set is malformed
 * @example
 * ```ts
 * const next = { version: 2, threshold: 1, keys: [publicKeyOf(carol)] }
 * const rotation = await signFirmwareKeySet(next, [alice, carol], line => process.stdout.write(`${line}\n`))
 * ```
 */
export async function signFirmwareKeySet(
  keySet: FirmwareKeySet,
  keys: readonly SigningKey[],
  print: Print,
): Promise<DetachedDocument> {
  const document = JSON.stringify(keySet)
  const parsed = parseFirmwareKeySet(document)
  if (!parsed.valid) throw new TypeError(`keySet: ${describeIssues(parsed.issues)}`)
  show(parsed.value, keys, print)
  return signDocument(document, 'firmware-keys', keys)
}

async function signManifestText(
  document: string,
  keys: readonly SigningKey[],
  print: Print,
): Promise<DetachedDocument> {
  const parsed = parseFirmwareManifest(document)
  if (!parsed.valid) throw new TypeError(`manifest: ${describeIssues(parsed.issues)}`)
  show(parsed.value, keys, print)
  return signDocument(document, 'firmware-manifest', keys)
}

function show(value: object, keys: readonly SigningKey[], print: Print): void {
  for (const [key, member] of Object.entries(value)) print(`${key}: ${JSON.stringify(member)}`)
  print(`signed by: ${keys.map(({ kid }) => kid).join(', ')}`)
}
