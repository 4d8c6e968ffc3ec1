import * as v from 'valibot'
import type { Validation } from '../../schema/validate.ts'
import { firmwareUrlIssue } from './firmware-url.ts'
import { isFirmwareVersion } from './firmware-version.ts'
import { parseDocument } from './parse-document.ts'

/** What the maker of an image says about it, and signs. */
export interface FirmwareManifest {
  /** What the image calls itself once it runs, see `isFirmwareVersion`. */
  readonly version: string
  /** Release counter: grows with every release, whatever its version is called. 0 to 2^53 - 1. */
  readonly sequence: number
  /** The models that the image is for, 1 to 16. */
  readonly models: readonly string[]
  /** The hardware revisions that it is for, 1 to 32; left out: all. */
  readonly hardware?: readonly string[] | undefined
  /** The devices that it is for, 1 to 32; left out: all. */
  readonly devices?: readonly string[] | undefined
  /** Bytes of the image. */
  readonly size: number
  /** SHA-256 of the image, 64 hexadecimal digits in lower case. */
  readonly sha256: string
  /** Where the image is, https; left out: where the request says. */
  readonly url?: string | undefined
  /** Not to be installed from this time on. ISO 8601, UTC. */
  readonly expires: string
  /** The lowest version from which a device may update to this one directly. */
  readonly requiredVersion?: string | undefined
  /**
   * Allows a device, once, to go back behind its newest release: an id that no other manifest has, 1 to 64 characters. The device
   * remembers the ids that it has used.
   */
  readonly downgradePermit?: string | undefined
}

const name = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable characters without a space'),
)
const version = v.custom<string>(isFirmwareVersion, 'must be a version: numbers with dots, such as 2.8.5')

/** Every member is known: what a device does not understand, it must not install. */
const manifestSchema = v.strictObject({
  version,
  sequence: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  models: v.pipe(v.array(name), v.minLength(1), v.maxLength(16)),
  hardware: v.exactOptional(v.pipe(v.array(name), v.minLength(1), v.maxLength(32))),
  devices: v.exactOptional(v.pipe(v.array(name), v.minLength(1), v.maxLength(32))),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits in lower case')),
  url: v.exactOptional(v.pipe(v.string(), v.check(isSecure, 'must be an https URL without a user name'))),
  expires: v.pipe(v.string(), v.check(isTime, 'must be a time such as 2027-01-31T12:00:00Z')),
  requiredVersion: v.exactOptional(version),
  downgradePermit: v.exactOptional(v.pipe(v.string(), v.regex(/^[\w.:-]{1,64}$/))),
})

/**
 * Reads the text of a manifest. Strict: every member has to be of its type and within its bounds, and none may be unknown.
 *
 * @param text JSON, at most 16,384 characters
 * @example
 * ```ts
 * const parsed = parseFirmwareManifest(text)
 * if (!parsed.valid) throw new TypeError(describeIssues(parsed.issues))
 * console.log(parsed.value.version)
 * ```
 */
export function parseFirmwareManifest(text: string): Validation<FirmwareManifest> {
  return parseDocument(text, manifestSchema)
}

function isSecure(text: string): boolean {
  return firmwareUrlIssue(text) === undefined
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text) && !Number.isNaN(Date.parse(text))
}
