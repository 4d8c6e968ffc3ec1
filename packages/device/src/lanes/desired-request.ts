import { createHash } from 'node:crypto'
import { divideRequest, isJsonObject, isOperationId, type JsonValue } from '@iothub-dm/protocol'
import { digestRequest } from '../operation/request-digest.ts'
import type { DesiredSection } from './desired-section.ts'

/** What a part of the desired properties asks for. */
export interface DesiredRequest {
  /** As the direct method would carry it, with the operation id where it is an object. */
  readonly payload: JsonValue
  /** The one that it brings, else {@link derivedId}. */
  readonly operationId: string
  /** Made from its content, and from the version at which the device first saw that. */
  readonly derivedId: string
  /** Digest of all that it says; when this changes, the device looks at it anew. */
  readonly content: string
  /** Digest of what makes it another operation when it has no id of its own: everything but the secrets. */
  readonly identity: string
}

/** What the device keeps in mind of a part of the desired properties, so that it never takes it up twice. */
export interface SectionMemory extends Pick<DesiredRequest, 'operationId' | 'content' | 'identity'> {
  /** Whether it was begun, refused for good, or known already. */
  readonly taken: boolean
}

/**
 * Reads what a part asks for. Pure. One without an id gets one from the version at which the device first saw it and from its
 * content; it keeps that until the content changes or the part is removed. Fresh secrets are no change.
 *
 * @param payload what the part says
 * @param version `$version` of the desired properties
 * @param memory what is kept in mind of the part
 */
export function readDesiredRequest(
  { path, action: { definition } }: DesiredSection,
  payload: JsonValue,
  version: number,
  memory: SectionMemory | undefined,
): DesiredRequest {
  const members = isJsonObject(payload) ? payload : definition.pattern?.fromBarePayload(payload)
  const content = digestRequest(payload)
  const identity = identityOf(path, divideRequest(payload, definition.secrets).open)
  const own = isJsonObject(members) ? members.operationId : undefined
  const kept = memory?.identity === identity && isDerivedFrom(memory.operationId, { identity })
  const derivedId = kept ? memory.operationId : `desired-${version}-${identity}`
  const operationId = isOperationId(own) ? own : derivedId
  // An id that is malformed stays in its place: it is refused, and says why.
  const whole = isJsonObject(members) ? { ...members, operationId: own ?? operationId } : payload
  return { payload: whole, operationId, derivedId, content, identity }
}

/** Tells whether an operation id was made for the same content, by a device that has forgotten it. */
export function isDerivedFrom(operationId: string, { identity }: Pick<DesiredRequest, 'identity'>): boolean {
  return /^desired-\d+-/.test(operationId) && operationId.endsWith(`-${identity}`)
}

/** Reads what was kept in mind of a part; undefined when that is nothing, or of another shape. */
export function parseSectionMemory(note: JsonValue | undefined): SectionMemory | undefined {
  if (!isJsonObject(note)) return undefined
  const { operationId, content, identity, taken } = note
  return typeof operationId === 'string' &&
    typeof content === 'string' &&
    typeof identity === 'string' &&
    typeof taken === 'boolean'
    ? { operationId, content, identity, taken }
    : undefined
}

function identityOf(path: string, open: JsonValue): string {
  return createHash('sha256')
    .update(`${path} ${digestRequest(open)}`)
    .digest('hex')
    .slice(0, 32)
}
