import { type FirmwareKeySet, isJsonObject, parseFirmwareKeySet } from '@iothub-dm/protocol'

/** What a device must never forget about firmware. */
export type FirmwareEntry =
  /** An image was about to be installed. Written before anything is changed. */
  | {
      readonly type: 'installing'
      readonly operationId: string
      readonly version: string
      readonly sha256: string
      /** Release counter of its manifest; left out: it had none. */
      readonly sequence?: number
      /** The keys, by their `x`, that have signed the manifest. */
      readonly signers: readonly string[]
    }
  /** A permit to downgrade is used up. */
  | { readonly type: 'permitUsed'; readonly permit: string }
  /** The version before runs again: what was installed counts no longer. */
  | { readonly type: 'rolledBack'; readonly operationId: string }
  /** An image has failed, by its digest. */
  | { readonly type: 'failed'; readonly sha256: string; readonly time: number }
  /** A rotation was followed. */
  | { readonly type: 'keys'; readonly keySet: FirmwareKeySet }
  /** So late it was when a manifest was accepted, in milliseconds since 1970. */
  | { readonly type: 'time'; readonly time: number }

/** An image that was installed. */
export type InstalledFirmware = Extract<FirmwareEntry, { type: 'installing' }>

/**
 * Takes JSON from the journal as an entry. Its checksums vouch for what is inside; this tells a foreign file apart.
 *
 * @throws TypeError when it is not one
 */
export function parseFirmwareEntry(value: unknown): FirmwareEntry {
  if (!isFirmwareEntry(value)) throw new TypeError('expected an entry about firmware')
  return value
}

function isFirmwareEntry(value: unknown): value is FirmwareEntry {
  if (!isJsonObject(value)) return false
  switch (value.type) {
    case 'installing':
      return [value.operationId, value.version, value.sha256].every(isText) && Array.isArray(value.signers)
    case 'permitUsed':
      return isText(value.permit)
    case 'rolledBack':
      return isText(value.operationId)
    case 'failed':
      return isText(value.sha256) && typeof value.time === 'number'
    case 'keys':
      return parseFirmwareKeySet(JSON.stringify(value.keySet)).valid
    case 'time':
      return typeof value.time === 'number'
    default:
      return false
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
