import type { JsonObject } from '../json/json.ts'
import { newSection, type TwinSection } from './twin-section.ts'

/** The state of one twin. Values are never changed in place, so a refused write leaves nothing behind. */
export interface Twin {
  /** Counts the writes of the service; the etag is made of it (wire reference 3.3). */
  readonly serviceWrites: number
  readonly tags: JsonObject
  readonly desired: TwinSection
  readonly reported: TwinSection
  /** What each configuration that targets the twin has come to, by its id (wire reference 3.1). */
  readonly configurations: JsonObject
}

/** The twin of an identity that was just created. */
export const newTwin: Twin = {
  serviceWrites: 1,
  tags: {},
  desired: newSection,
  reported: newSection,
  configurations: {},
}

/** Base64 of the eight-byte big-endian write counter. */
export function twinEtag(twin: Twin): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(twin.serviceWrites))
  return bytes.toString('base64')
}

/** The `version` member: service writes plus the reported `$version`. */
export function twinVersion(twin: Twin): number {
  return twin.serviceWrites + twin.reported.version
}
