import type { Clock } from '../clock/clock.ts'
import { jsonDocument } from './json-document.ts'
import type { QueryDocument, QuerySource } from './query-source.ts'
import type { Collection } from './syntax/query.ts'

const collections: readonly Collection[] = ['devices', 'devices.modules', 'devices.jobs']

interface Change {
  readonly visibleAt: number
  readonly collection: Collection
  readonly deviceId: string
  /** All documents of the device in the collection, as they were then. */
  readonly documents: readonly QueryDocument[]
}

/**
 * Shows the documents of another source as they were some time ago, the way queries of the real service lag behind its twins (wire
 * reference 5.6). It knows what it was told of by {@link noteChange}, and holds a copy of that.
 */
export class LaggingSource implements QuerySource {
  readonly #source: QuerySource
  readonly #clock: Clock
  readonly #lagInMs: number
  readonly #pending: Change[] = []
  readonly #visible = new Map(collections.map(name => [name, new Map<string, readonly QueryDocument[]>()]))

  constructor(source: QuerySource, clock: Clock, lagInMs: number) {
    this.#source = source
    this.#clock = clock
    this.#lagInMs = lagInMs
  }

  /** Takes a copy of the documents of a device, which were changed, added or removed, for queries to see when it is time. */
  noteChange(deviceId: string): void {
    this.#catchUp()
    const visibleAt = this.#clock.now() + this.#lagInMs
    for (const collection of collections) {
      const documents = [...this.#source.documentsOf(collection, deviceId)].map(copyOf)
      this.#pending.push({ visibleAt, collection, deviceId, documents })
    }
  }

  documents(collection: Collection): Iterable<QueryDocument> {
    this.#catchUp()
    return [...(this.#visible.get(collection)?.values() ?? [])]
      .flat()
      .toSorted((first, second) => (first.position < second.position ? -1 : 1))
  }

  documentsOf(collection: Collection, deviceId: string): Iterable<QueryDocument> {
    this.#catchUp()
    return this.#visible.get(collection)?.get(deviceId) ?? []
  }

  #catchUp(): void {
    const now = this.#clock.now()
    const firstLater = this.#pending.findIndex(change => change.visibleAt > now)
    const due = this.#pending.splice(0, firstLater < 0 ? this.#pending.length : firstLater)
    for (const { collection, deviceId, documents } of due) {
      if (documents.length === 0) this.#visible.get(collection)?.delete(deviceId)
      else this.#visible.get(collection)?.set(deviceId, documents)
    }
  }
}

function copyOf(document: QueryDocument): QueryDocument {
  return jsonDocument(document.view(), document.position)
}
