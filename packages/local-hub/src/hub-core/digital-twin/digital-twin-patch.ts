import { applyPatch } from 'rfc6902'
import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import { plainJsonObject } from '../json/plain-json.ts'
import { desiredDifference } from '../twin/desired-difference.ts'
import type { Twin } from '../twin/twin.ts'
import { componentMark } from './component.ts'
import { type PatchOperation, parseJsonPatch } from './json-patch-request.ts'
import { desiredForm, writableDocument } from './writable-document.ts'

/**
 * Turns a JSON Patch of a digital twin into a merge patch of the desired properties. Only what the operations name is in it.
 *
 * @throws HubError 400 when the body is not a JSON Patch, or one that cannot be applied.
 */
export function desiredPatchOf(twin: Twin, body: JsonValue | undefined): JsonObject {
  const operations = parseJsonPatch(body)
  const before = plainJsonObject(writableDocument(twin))
  const after = structuredClone(before)
  const [failure] = applyPatch(after, [...operations]).filter(error => error !== null)
  if (failure !== undefined) {
    throw new HubError('InvalidDigitalTwinPatch', `The patch cannot be applied: ${failure.message}`)
  }
  const patch = new Map<string, JsonValue>()
  for (const operation of operations) addTouched(patch, operation, { twin, before, after })
  return Object.fromEntries(patch)
}

interface PatchedDocument {
  readonly twin: Twin
  readonly before: JsonObject
  readonly after: JsonObject
}

/** An operation inside a component touches one property of it; any other touches a whole member of the document. */
function addTouched(
  patch: Map<string, JsonValue>,
  { segments: [name = '', property] }: PatchOperation,
  { twin, before, after }: PatchedDocument,
): void {
  const desired = memberOf(twin.desired.properties, name)
  const component = memberOf(after, name)
  const staysComponent = isWritableComponent(memberOf(before, name)) && isWritableComponent(component)
  if (property === undefined || property === '$metadata' || !staysComponent) {
    patch.set(name, change(desired, component))
    return
  }
  const earlier = patch.get(name)
  const desiredProperty = isJsonObject(desired) ? memberOf(desired, property) : undefined
  patch.set(name, {
    ...(isJsonObject(earlier) ? earlier : componentMark),
    [property]: change(desiredProperty, memberOf(component, property)),
  })
}

/** The merge patch that makes the desired value what the document says. */
function change(desired: JsonValue | undefined, value: JsonValue | undefined): JsonValue {
  if (value === undefined) return null
  const wanted = desiredForm(value)
  return isJsonObject(wanted) && isJsonObject(desired) ? desiredDifference(desired, wanted) : wanted
}

function isWritableComponent(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && Object.hasOwn(value, '$metadata')
}
