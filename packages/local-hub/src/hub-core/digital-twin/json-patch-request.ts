import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonValue, memberOf } from '../json/json.ts'
import { plainJson } from '../json/plain-json.ts'

/** One operation of a JSON Patch, with its path taken apart. */
export type PatchOperation = {
  readonly path: string
  readonly segments: readonly string[]
} & ({ readonly op: 'add' | 'replace'; readonly value: JsonValue } | { readonly op: 'remove' })

/** Names that the patch library steps over, to keep prototypes out of reach. */
const unreachableNames = ['__proto__', 'constructor', 'prototype']

/**
 * Reads a JSON Patch (RFC 6902) of a digital twin: an array of `add`, `replace` and `remove`.
 *
 * @throws HubError 400 for anything else, and for a path to what is not a property.
 */
export function parseJsonPatch(body: JsonValue | undefined): readonly PatchOperation[] {
  if (!Array.isArray(body)) throw invalid('The body must be a JSON Patch: an array of operations.')
  return body.map(parseOperation)
}

function parseOperation(operation: JsonValue): PatchOperation {
  const op = isJsonObject(operation) ? memberOf(operation, 'op') : undefined
  const path = isJsonObject(operation) ? memberOf(operation, 'path') : undefined
  const value = isJsonObject(operation) ? memberOf(operation, 'value') : undefined
  if (typeof path !== 'string') throw invalid('Each operation must have a path.')
  const segments = parsePath(path)
  if (op === 'remove') return { op, path, segments }
  if (op !== 'add' && op !== 'replace') throw invalid('Each op must be add, replace or remove.')
  if (value === undefined) throw invalid(`The operation ${op} on ${path} must have a value.`)
  return { op, path, value: plainJson(value), segments }
}

function parsePath(path: string): readonly string[] {
  const [root, ...segments] = path.split('/').map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
  const [name = ''] = segments
  const isReachable = !segments.some(segment => unreachableNames.includes(segment))
  if (root !== '' || name === '' || name.startsWith('$') || !isReachable) {
    throw new HubError('InvalidDigitalTwinPatchPath', `The path ${path} does not lead to a property or component.`)
  }
  return segments
}

function invalid(message: string): HubError {
  return new HubError('InvalidDigitalTwinPatch', message)
}
