import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'

/** A value that a configuration puts into desired properties. */
export interface Assignment {
  /** The way to it from the root of the desired properties: at least one name. */
  readonly path: readonly string[]
  /** Null removes what is there. */
  readonly value: JsonValue
}

/** The merge patch that makes an assignment. */
export function patchOf({ path: [root = '', ...rest], value }: Assignment): JsonObject {
  return Object.fromEntries([[root, rest.reduceRight((inner, name) => Object.fromEntries([[name, inner]]), value)]])
}

/** The patch that does what two patches do one after the other. */
export function composePatches(first: JsonObject, second: JsonObject): JsonObject {
  const composed = new Map(Object.entries(first))
  for (const [name, value] of Object.entries(second)) {
    const former = memberOf(first, name)
    composed.set(name, isJsonObject(former) && isJsonObject(value) ? composePatches(former, value) : value)
  }
  return Object.fromEntries(composed)
}

/** Tells whether a path is another one, or leads to a part of what is there. */
export function isWithin(path: readonly string[], outer: readonly string[]): boolean {
  return outer.every((name, index) => path[index] === name)
}
