import { createPublicKey, type KeyObject } from 'node:crypto'
import type { FirmwareKey } from '@iothub-dm/protocol'

/** A private key with the id that it has in the key set of the devices. */
export interface SigningKey {
  readonly kid: string
  /** Ed25519, from `createPrivateKey` or `generateKeyPairSync` of `node:crypto`. */
  readonly privateKey: KeyObject
}

/**
 * The public half of a signing key, for a key set.
 *
 * @param options `debug` marks a key of developers
 * @throws TypeError when it is no Ed25519 private key
 * @example
 * ```ts
 * const { privateKey } = generateKeyPairSync('ed25519')
 * const keySet = { version: 1, threshold: 1, keys: [publicKeyOf({ kid: 'release-1', privateKey })] }
 * ```
 */
export function publicKeyOf({ kid, privateKey }: SigningKey, options: { readonly debug?: boolean } = {}): FirmwareKey {
  checkPrivateKey(kid, privateKey)
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (x === undefined) throw new TypeError(`key '${kid}': expected an Ed25519 private key`)
  return { kid, x, ...(options.debug === true ? { debug: true } : {}) }
}

/** @throws TypeError when it is no Ed25519 private key */
export function checkPrivateKey(kid: string, { type, asymmetricKeyType }: KeyObject): void {
  if (type === 'private' && asymmetricKeyType === 'ed25519') return
  throw new TypeError(`key '${kid}': expected an Ed25519 private key, got a ${type} key of type ${asymmetricKeyType}`)
}
