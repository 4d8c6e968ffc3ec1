import { createHmac, createPublicKey, randomBytes, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  keySetOf,
  manifestOf,
  newKey,
  signCompact,
  signKeySet,
  signManifest,
} from '../../../test/firmware/signed-documents.ts'
import { publicKeyOf, type SigningKey } from '../signing/signing-key.ts'
import { verifyDocument } from './verify-document.ts'

const [release, second, foreign] = [newKey('release'), newKey('second'), newKey('foreign')]
const keySet = keySetOf(1, 1, release, second)
const manifest = manifestOf(Buffer.from('an image'), { devices: ['cam-1'], hardware: ['rev-a', 'rev-b'] })
const policy = { allowDebugKeys: false }
const refusal = { name: 'FirmwareError', code: 'SignatureInvalid' }

function verify(signed: Parameters<typeof verifyDocument>[0], keys = keySet) {
  return verifyDocument(signed, 'firmware-manifest', keys, policy)
}

/** A JWS with any header, signed however. */
function forge(header: object, signature: (input: Buffer) => Buffer, document = JSON.stringify(manifest)): string {
  const head = Buffer.from(JSON.stringify(header)).toString('base64url')
  const payload = Buffer.from(document).toString('base64url')
  return `${head}.${payload}.${signature(Buffer.from(`${head}.${payload}`)).toString('base64url')}`
}

function signWith({ privateKey }: SigningKey): (input: Buffer) => Buffer {
  return input => sign(null, input, privateKey)
}

const header = { alg: 'EdDSA', typ: 'firmware-manifest', kid: 'release' }

describe('a signed document', () => {
  it('is verified, detached or compact, and its text is what was signed', async () => {
    const expected = { text: JSON.stringify(manifest), signers: [publicKeyOf(release).x] }
    expect(await verify(await signManifest(manifest, release))).toEqual(expected)
    expect(await verify(await signCompact(manifest, 'firmware-manifest', release))).toEqual(expected)
    expect(await verify(forge(header, signWith(release)))).toEqual(expected)
  })

  const publicKey = createPublicKey(release.privateKey)
  const secrets = [
    publicKey.export({ format: 'der', type: 'spki' }),
    publicKey.export({ format: 'pem', type: 'spki' }),
    Buffer.from(publicKeyOf(release).x, 'base64url'),
    publicKeyOf(release).x,
  ]

  it.each([
    ['an empty signature', () => forge(header, () => Buffer.alloc(0))],
    ['a signature of zeros', () => forge(header, () => Buffer.alloc(64))],
    ['a random signature', () => forge(header, () => randomBytes(64))],
    ['a signature by another key', () => forge(header, signWith(foreign))],
    ['a signature by another key that is trusted', () => forge(header, signWith(second))],
    ['a signature over other bytes', () => forge(header, () => sign(null, Buffer.from('other'), release.privateKey))],
    [
      'a signature over the payload alone',
      () => forge(header, input => sign(null, Buffer.from(input.toString().split('.')[1] ?? ''), release.privateKey)),
    ],
    ['alg none', () => forge({ ...header, alg: 'none' }, () => Buffer.alloc(0))],
    ['alg none, with a good signature', () => forge({ ...header, alg: 'none' }, signWith(release))],
    ['alg None', () => forge({ ...header, alg: 'None' }, () => Buffer.alloc(0))],
    ...secrets.map((secret, index): [string, () => string] => [
      `alg HS256 with the public key as the secret, form ${index}`,
      () => forge({ ...header, alg: 'HS256' }, input => createHmac('sha256', secret).update(input).digest()),
    ]),
    ['alg ES256', () => forge({ ...header, alg: 'ES256' }, signWith(release))],
    ['no alg', () => forge({ typ: 'firmware-manifest', kid: 'release' }, signWith(release))],
    ['no kid', () => forge({ alg: 'EdDSA', typ: 'firmware-manifest' }, signWith(release))],
    ['a key in the header', () => forge({ ...header, jwk: publicKey.export({ format: 'jwk' }) }, signWith(release))],
    ['a URL of keys in the header', () => forge({ ...header, jku: 'https://evil.example.com' }, signWith(release))],
    ['a critical extension', () => forge({ ...header, b64: false, crit: ['b64'] }, signWith(release))],
    ['another kind of document', () => forge({ ...header, typ: 'firmware-keys' }, signWith(release))],
    ['no kind of document', () => forge({ alg: 'EdDSA', kid: 'release' }, signWith(release))],
    ['no JWS', () => 'a manifest'],
    ['the manifest alone', () => JSON.stringify(manifest)],
    ['two parts', () => forge(header, signWith(release)).split('.').slice(0, 2).join('.')],
    ['four parts', () => `${forge(header, signWith(release))}.e30`],
    ['an encrypted JWT', () => 'e30.e30.e30.e30.e30'],
  ])('F1: is refused with %s', async (_, make) => {
    await expect(verify(make())).rejects.toMatchObject(refusal)
  })

  it('F1: is refused with a detached signature that brings another payload', async () => {
    const { document } = await signManifest(manifest, release)
    const signatures = [forge(header, signWith(release), '{}')]
    await expect(verify({ document, signatures })).rejects.toMatchObject(refusal)
    await expect(verify({ document: '{}', signatures: [] })).rejects.toMatchObject(refusal)
  })

  it('F1: a key set cannot be passed off as a manifest, nor the other way round', async () => {
    await expect(verify(await signKeySet(keySet, release))).rejects.toMatchObject(refusal)
    const signed = await signManifest(manifest, release)
    await expect(verifyDocument(signed, 'firmware-keys', keySet, policy)).rejects.toMatchObject(refusal)
  })
})

/** Flips every bit of a text in turn, and counts how often what is made of it is taken. */
async function countAccepted(text: string, make: (flipped: string) => Parameters<typeof verify>[0]): Promise<number> {
  const bytes = Buffer.from(text)
  let accepted = 0
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    await verify(make(flipped.toString('utf8'))).then(
      () => (accepted += 1),
      (error: unknown) => expect(error).toMatchObject({ name: 'FirmwareError' }),
    )
  }
  return accepted
}

describe('F2: a flipped bit', () => {
  it('anywhere in the manifest is found', async () => {
    const { document, signatures } = await signManifest(manifest, release)
    expect(document.length).toBeGreaterThan(250)
    expect(await countAccepted(document, flipped => ({ document: flipped, signatures }))).toBe(0)
  })

  it('anywhere in a detached signature is found, also in the bits that base64url leaves over', async () => {
    const { document, signatures } = await signManifest(manifest, release)
    expect(await countAccepted(signatures[0] ?? '', flipped => ({ document, signatures: [flipped] }))).toBe(0)
  })

  it('anywhere in a compact JWS is found', async () => {
    expect(await countAccepted(await signCompact(manifest, 'firmware-manifest', release), flipped => flipped)).toBe(0)
  }, 30_000)
})

describe('F21: a threshold', () => {
  const both = keySetOf(1, 2, release, second)

  it('is met by different keys', async () => {
    expect((await verify(await signManifest(manifest, release, second), both)).signers).toHaveLength(2)
  })

  it.each([
    ['one of two', [release]],
    ['the same key twice', [release, release]],
    ['one that is unknown beside', [release, foreign]],
    ['only unknown keys', [foreign, newKey('other')]],
  ])('is not met by %s', async (_, keys) => {
    await expect(verify(await signManifest(manifest, ...keys), both)).rejects.toMatchObject(refusal)
  })

  it('is not met by the same key under two ids', async () => {
    const twin = { kid: 'second', privateKey: release.privateKey }
    await expect(verify(await signManifest(manifest, release, twin), both)).rejects.toMatchObject(refusal)
    // Such a key set cannot even be read; were it built in, the key would still count once.
    const doubled = { ...both, keys: [publicKeyOf(release), publicKeyOf(twin)] }
    await expect(verify(await signManifest(manifest, release, twin), doubled)).rejects.toMatchObject(refusal)
  })

  it('is not met by a key of developers, unless that is allowed', async () => {
    const debug = { ...keySet, keys: [publicKeyOf(release, { debug: true })] }
    const signed = await signManifest(manifest, release)
    await expect(verify(signed, debug)).rejects.toMatchObject(refusal)
    const allowed = { allowDebugKeys: true }
    await expect(verifyDocument(signed, 'firmware-manifest', debug, allowed)).resolves.toMatchObject({
      signers: [publicKeyOf(release).x],
    })
  })

  it('leaves a signature of an unknown key aside, as after a rotation', async () => {
    expect((await verify(await signManifest(manifest, foreign, release))).signers).toEqual([publicKeyOf(release).x])
  })
})
