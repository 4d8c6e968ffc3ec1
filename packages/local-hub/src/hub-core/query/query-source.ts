import type { JsonObject, JsonValue } from '../json/json.ts'
import type { Collection } from './syntax/query.ts'
import type { Path } from './syntax/resolve-path.ts'

/** A document that queries go through: a twin, or what a job did on a device. */
export interface QueryDocument {
  /** The place in the order of creation. Compared as text; never changes, and is not given twice. */
  readonly position: string
  /** The value at a path, or undefined where there is none. Called for every document of a collection, so it should not build much. */
  read(path: Path): JsonValue | undefined
  /** The whole document, as REST returns it. */
  view(): JsonObject
}

/** Where queries get their documents from: the only thing the query engine knows of a hub. */
export interface QuerySource {
  /** Every document of a collection, by ascending position. */
  documents(collection: Collection): Iterable<QueryDocument>
  /** The documents of one device: its twin, the twins of its modules, or what jobs did on it. */
  documentsOf(collection: Collection, deviceId: string): Iterable<QueryDocument>
}
