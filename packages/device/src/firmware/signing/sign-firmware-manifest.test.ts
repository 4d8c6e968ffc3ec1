import { generateKeyPairSync } from 'node:crypto'
import { appendFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newKey, sha256Of } from '../../../test/firmware/signed-documents.ts'
import { temporaryDirectory } from '../../../test/simulated-life.ts'
import { verifyDocument } from '../manifest/verify-document.ts'
import { hashImage } from './hash-image.ts'
import { countersignFirmwareManifest, signFirmwareKeySet, signFirmwareManifest } from './sign-firmware-manifest.ts'
import { publicKeyOf } from './signing-key.ts'

const [release, second] = [newKey('release'), newKey('second')]
const keySet = { version: 1, threshold: 2, keys: [publicKeyOf(release), publicKeyOf(second)] }
const facts = { version: '2.8.5', sequence: 285, models: ['camera'], expires: '2027-01-31T00:00:00Z' }
const policy = { allowDebugKeys: false }
const nobody = () => {}

it('F24: shows what it signs, all of it, before it is signed', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'image')
  await writeFile(file, 'an image')
  const lines: string[] = []
  const signed = await signFirmwareManifest(file, facts, [release], line => lines.push(line))
  expect(lines).toEqual([
    'version: "2.8.5"',
    'sequence: 285',
    'models: ["camera"]',
    'size: 8',
    `sha256: "${sha256Of(Buffer.from('an image'))}"`,
    'expires: "2027-01-31T00:00:00Z"',
    'signed by: release',
  ])
  expect(JSON.parse(signed.document)).toEqual({ ...facts, size: 8, sha256: sha256Of(Buffer.from('an image')) })

  const both = await countersignFirmwareManifest(signed, [second], line => lines.push(line))
  expect(lines.at(-1)).toBe('signed by: second')
  await expect(verifyDocument(signed, 'firmware-manifest', keySet, policy)).rejects.toMatchObject({
    code: 'SignatureInvalid',
  })
  await expect(verifyDocument(both, 'firmware-manifest', keySet, policy)).resolves.toMatchObject({
    text: signed.document,
  })
})

it('F24: refuses a file that changes while it is hashed', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'image')
  const image = Buffer.alloc(256 * 1024)
  const changes = [
    () => appendFileSync(file, 'x'),
    () => truncateSync(file, 0),
    () => utimesSync(file, 1, 1),
    () => {
      writeFileSync(`${file}.other`, image)
      renameSync(`${file}.other`, file)
    },
  ]
  for (const change of changes) {
    await writeFile(file, image)
    let pending: (() => void) | undefined = change
    const hashing = hashImage(file, () => {
      pending?.()
      pending = undefined
    })
    await expect(hashing).rejects.toThrow(TypeError)
  }
})

it('refuses what no device would take', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'image')
  await writeFile(file, 'an image')
  const wrong = { ...facts, version: '../2.8.5' }
  await expect(signFirmwareManifest(file, wrong, [release], nobody)).rejects.toThrow(/^manifest: version/)
  await expect(signFirmwareManifest(file, facts, [], nobody)).rejects.toThrow('keys: expected at least one')
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await expect(signFirmwareManifest(file, facts, [{ kid: 'rsa', privateKey }], nobody)).rejects.toThrow(TypeError)
  expect(() => publicKeyOf({ kid: 'public', privateKey: publicKey })).toThrow(TypeError)
  await writeFile(file, '')
  await expect(signFirmwareManifest(file, facts, [release], nobody)).rejects.toThrow(TypeError)
  await expect(signFirmwareKeySet({ ...keySet, threshold: 3 }, [release], nobody)).rejects.toThrow(/^keySet: /)
})

it('signs key sets', async () => {
  const signed = await signFirmwareKeySet(keySet, [release, second], nobody)
  await expect(verifyDocument(signed, 'firmware-keys', keySet, policy)).resolves.toMatchObject({
    text: JSON.stringify(keySet),
  })
})
