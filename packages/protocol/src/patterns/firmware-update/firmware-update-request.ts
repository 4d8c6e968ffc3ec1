import * as v from 'valibot'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts'
import type { Schema } from '../../schema/standard-schema.ts'
import { firmwareUrlIssue } from './firmware-url.ts'
import { isFirmwareVersion } from './firmware-version.ts'
import { type SignedDocument, signedDocument } from './signed-document.ts'

/** What a back end asks when it asks for a firmware update. */
export interface FirmwareUpdateRequest {
  /** Where the image is, https. A secret: its query may hold a token. */
  readonly fwPackageUri?: string | undefined
  /** The version that shall run in the end. */
  readonly fwVersion?: string | undefined
  /** SHA-256 of the image: 64 hexadecimal digits. */
  readonly fwPackageCheckValue?: string | undefined
  /** The manifest, signed. */
  readonly manifest?: SignedDocument | undefined
  /** Key sets that lead from the one that the device trusts to the one that has signed the manifest, in their order; at most 8. */
  readonly keySets?: readonly SignedDocument[] | undefined
}

/** The request as it may be sent: the documents write `fwPackageUri` in the method, `fwPackageURI` in the desired properties. */
export interface FirmwareUpdateRequestInput extends FirmwareUpdateRequest {
  /** Another writing of `fwPackageUri`. */
  readonly fwPackageURI?: string | undefined
}

/** The members of a request that are secret: they are kept apart from it. */
export const firmwareUpdateSecrets = ['fwPackageUri', 'fwPackageURI'] as const

const members = [...firmwareUpdateSecrets, 'fwVersion', 'fwPackageCheckValue', 'manifest', 'keySets'] as const

/** Members that are not known are passed over: the documented requests carry all sorts of them. */
export const firmwareUpdateRequest: Schema<FirmwareUpdateRequestInput, FirmwareUpdateRequest> = v.pipe(
  v.object({
    fwPackageUri: v.optional(v.string()),
    fwPackageURI: v.optional(v.string()),
    fwVersion: v.optional(v.custom<string>(isFirmwareVersion, 'must be a version: numbers with dots, such as 2.8.5')),
    fwPackageCheckValue: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[\da-fA-F]{64}$/, 'must be the SHA-256 of the image: 64 hexadecimal digits'),
        v.toLowerCase(),
      ),
    ),
    manifest: v.optional(signedDocument),
    keySets: v.optional(v.pipe(v.array(signedDocument), v.maxLength(8))),
  }),
  // An issue with the whole, not with the member: nothing is told of what is wrong with a secret.
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed ? urlIssueOf(dataset.value) : undefined
    if (message !== undefined) addIssue({ message })
  }),
  v.transform(({ fwPackageURI, ...request }) =>
    fwPackageURI === undefined ? request : { fwPackageUri: fwPackageURI, ...request },
  ),
)

function urlIssueOf({ fwPackageUri, fwPackageURI, manifest }: FirmwareUpdateRequestInput): string | undefined {
  const url = fwPackageUri ?? fwPackageURI
  if (url !== undefined) return firmwareUrlIssue(url)
  return manifest === undefined
    ? 'fwPackageUri is missing: it may be so where a manifest says where the image is'
    : undefined
}

/** A bare payload as a request: the firmware tutorial of 2017 sends a text that holds the JSON. */
export function firmwareUpdateFromBarePayload(payload: JsonValue): JsonValue {
  if (typeof payload !== 'string') return payload ?? {}
  try {
    const parsed: unknown = JSON.parse(payload)
    return isJsonObject(parsed) ? parsed : payload
  } catch {
    return payload
  }
}

/** The desired section `firmware`, as automatic device management sets it, as a request. */
export function firmwareUpdateFromDesired(section: JsonValue): JsonObject | undefined {
  if (!isJsonObject(section)) return undefined
  const asked = members.filter(member => Object.hasOwn(section, member))
  if (asked.length === 0) return undefined
  return Object.fromEntries([...asked, 'operationId', 'expiresAt'].map(member => [member, section[member]]))
}
