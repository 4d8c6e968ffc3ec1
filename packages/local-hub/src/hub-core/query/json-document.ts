import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import type { QueryDocument } from './query-source.ts'
import type { Path } from './syntax/resolve-path.ts'

/** A document that is at hand as JSON. */
export function jsonDocument(view: JsonObject, position: string): QueryDocument {
  return { position, read: path => valueAt(view, path), view: () => view }
}

/**
 * The value at a path of own members.
 *
 * @param start the segment to begin with; default: the first.
 */
export function valueAt(root: JsonValue | undefined, path: Path, start: number = 0): JsonValue | undefined {
  let value = root
  for (let index = start; index < path.length; index += 1) {
    const name = path[index]
    if (name === undefined || !isJsonObject(value)) return undefined
    value = memberOf(value, name)
  }
  return value
}
