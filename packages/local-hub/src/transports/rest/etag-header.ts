import type { JsonObject } from '../../hub-core/json/json.ts'

/** The ETag header of a document that shows its etag: the same value, quoted (wire reference 2.4). */
export function etagHeader(document: JsonObject): Readonly<Record<string, string>> {
  return { ETag: JSON.stringify(document.etag) }
}
