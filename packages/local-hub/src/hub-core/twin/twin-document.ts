import { formatTimeOrNever } from '../clock/hub-time.ts'
import type { IdentityKey } from '../identity/identity-key.ts'
import { type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import { valueAt } from '../query/json-document.ts'
import type { QueryDocument } from '../query/query-source.ts'
import type { Path } from '../query/syntax/resolve-path.ts'
import type { Presence } from '../session/presence.ts'
import type { Twin } from './twin.ts'
import type { TwinOwner } from './twin-owner.ts'
import type { TwinSection } from './twin-section.ts'
import { twinView } from './twin-view.ts'

/** Where the parts of a twin are found. */
export interface TwinParts {
  readonly twins: { get(key: IdentityKey): Twin }
  readonly sessions: { presenceOf(key: IdentityKey): Presence }
  readonly queues: { countOf(key: IdentityKey): number }
}

/**
 * A twin that queries go through. Tags and properties are read where they are kept, since a view of each of 100,000 twins would
 * take longer than everything else in a query.
 */
export class TwinDocument implements QueryDocument {
  readonly position: string
  readonly #key: IdentityKey
  readonly #owner: TwinOwner
  readonly #parts: TwinParts

  /** @param position the generation id: it grows with creation. */
  constructor(position: string, key: IdentityKey, owner: TwinOwner, parts: TwinParts) {
    this.position = position
    this.#key = key
    this.#owner = owner
    this.#parts = parts
  }

  read(path: Path): JsonValue | undefined {
    const [root = '', inner] = path
    if (path.length > 1 && root === 'tags') return valueAt(this.#twin.tags, path, 1)
    if (root === 'properties' && inner === 'desired') return sectionValue(this.#twin.desired, path)
    if (root === 'properties' && inner === 'reported') return sectionValue(this.#twin.reported, path)
    return valueAt(this.#member(root), path, 1)
  }

  view(): JsonObject {
    return twinView(this.#owner, this.#twin, this.#presence, this.#parts.queues.countOf(this.#key))
  }

  get #twin(): Twin {
    return this.#parts.twins.get(this.#key)
  }

  get #presence(): Presence {
    return this.#parts.sessions.presenceOf(this.#key)
  }

  /** A member of the view. Those that queries often ask for are made without the rest of it. */
  #member(name: string): JsonValue | undefined {
    switch (name) {
      case 'deviceId':
        return this.#owner.deviceId
      case 'moduleId':
        return this.#owner.moduleId
      case 'status':
        return this.#owner.status
      case 'capabilities':
        return { iotEdge: this.#owner.iotEdge }
      case 'configurations':
        return Object.keys(this.#twin.configurations).length === 0 ? undefined : this.#twin.configurations
      case 'connectionState':
        return this.#presence.connected ? 'Connected' : 'Disconnected'
      case 'lastActivityTime':
        return formatTimeOrNever(this.#presence.lastActivityAt)
      default:
        return memberOf(this.view(), name)
    }
  }
}

function sectionValue(section: TwinSection, path: Path): JsonValue | undefined {
  switch (path[2]) {
    case undefined:
      return { ...section.properties, $metadata: section.metadata, $version: section.version }
    case '$metadata':
      return valueAt(section.metadata, path, 3)
    case '$version':
      return valueAt(section.version, path, 3)
    default:
      return valueAt(section.properties, path, 2)
  }
}
