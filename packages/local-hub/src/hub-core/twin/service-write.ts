import type { JsonObject } from '../json/json.ts'
import { desiredDifference } from './desired-difference.ts'
import { mergePatch } from './merge-patch.ts'
import { assertSectionSize } from './section-size.ts'
import type { Twin } from './twin.ts'
import type { TwinRequest } from './twin-request.ts'
import { patchSection, replaceSection, type SectionWrite } from './twin-section.ts'
import { validateSection } from './validate-section.ts'

/** The twin after a write of the service, and what to tell the device. */
export interface ServiceWrite {
  readonly twin: Twin
  /** Undefined when the desired properties were not touched. */
  readonly desiredPatch: JsonObject | undefined
}

/**
 * Applies a PATCH (wire reference 3.4). `tags: null` is ignored; `desired: null` deletes every desired property; an empty desired
 * patch does not count as a desired write.
 *
 * @throws HubError 400 when the patch or the result breaks a rule of 3.6.
 */
export function patchTwin(twin: Twin, request: TwinRequest, timeInMs: number): ServiceWrite {
  const tags = request.tags ? mergePatch(twin.tags, validPatch(request.tags)) : twin.tags
  assertSectionSize('tags', tags)
  const desiredPatch = validPatch(
    request.desired === null ? deleteAll(twin.desired.properties) : (request.desired ?? {}),
  )
  const touchesDesired = Object.keys(desiredPatch).length > 0
  const desired = touchesDesired ? patchSection(twin.desired, desiredPatch, desiredWrite(timeInMs)) : twin.desired
  assertSectionSize('desired', desired.properties)
  return {
    twin: { ...twin, serviceWrites: twin.serviceWrites + 1, tags, desired },
    desiredPatch: touchesDesired ? desiredPatch : undefined,
  }
}

/**
 * Applies a PUT (wire reference 3.5): tags and desired become what the request says, a missing part becomes empty.
 *
 * @throws HubError 400 when the new content breaks a rule of 3.6.
 */
export function replaceTwin(twin: Twin, request: TwinRequest, timeInMs: number): ServiceWrite {
  const tags = validDocument(request.tags ?? {})
  assertSectionSize('tags', tags)
  const properties = validDocument(request.desired ?? {})
  assertSectionSize('desired', properties)
  const desiredPatch = desiredDifference(twin.desired.properties, properties)
  const touchesDesired = Object.keys(desiredPatch).length > 0
  const desired = touchesDesired ? replaceSection(twin.desired, properties, desiredWrite(timeInMs)) : twin.desired
  return {
    twin: { ...twin, serviceWrites: twin.serviceWrites + 1, tags, desired },
    desiredPatch: touchesDesired ? desiredPatch : undefined,
  }
}

function desiredWrite(timeInMs: number): SectionWrite {
  return { timeInMs, showVersions: true }
}

function deleteAll(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(properties).map(key => [key, null]))
}

function validPatch(patch: JsonObject): JsonObject {
  validateSection(patch, 'deletes')
  return patch
}

function validDocument(document: JsonObject): JsonObject {
  validateSection(document, 'illegal')
  return document
}
