import { formatHubTime, neverTime } from '../clock/hub-time.ts'
import type { JsonObject } from '../json/json.ts'
import { mergePatch } from './merge-patch.ts'
import { type MetadataStamp, patchMetadata } from './section-metadata.ts'

/** Desired or reported properties with their `$metadata` and `$version`. */
export interface TwinSection {
  readonly properties: JsonObject
  readonly metadata: JsonObject
  readonly version: number
}

/** When a section is written, and whether its metadata shows the version of each property (desired does). */
export interface SectionWrite {
  readonly timeInMs: number
  readonly showVersions: boolean
}

/** The section of a new twin. */
export const newSection: TwinSection = { properties: {}, metadata: { $lastUpdated: neverTime }, version: 1 }

/** The section after a merge patch, one version on. */
export function patchSection(section: TwinSection, patch: JsonObject, write: SectionWrite): TwinSection {
  const version = section.version + 1
  return {
    properties: mergePatch(section.properties, patch),
    metadata: patchMetadata(section.metadata, patch, stampOf(write, version)),
    version,
  }
}

/** The section with other content, one version on. */
export function replaceSection(section: TwinSection, properties: JsonObject, write: SectionWrite): TwinSection {
  const version = section.version + 1
  return { properties, metadata: patchMetadata(undefined, properties, stampOf(write, version)), version }
}

function stampOf(write: SectionWrite, version: number): MetadataStamp {
  const $lastUpdated = formatHubTime(write.timeInMs)
  return write.showVersions ? { $lastUpdated, $lastUpdatedVersion: version } : { $lastUpdated }
}
