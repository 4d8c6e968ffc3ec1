import type { HubState } from '../hub-state.ts'
import { type IdentityKey, identityName } from '../identity/identity-key.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { plainJsonObject } from '../json/plain-json.ts'
import { assertPrecondition, type Precondition } from '../precondition/if-match.ts'
import { deliverDesired } from '../twin/desired-delivery.ts'
import { reportProperties } from '../twin/reported-write.ts'
import { patchTwin, replaceTwin, type ServiceWrite } from '../twin/service-write.ts'
import { type Twin, twinEtag } from '../twin/twin.ts'
import { ownerOf } from '../twin/twin-owner.ts'
import { parseTwinRequest, type TwinRequest } from '../twin/twin-request.ts'
import { deviceTwinView, twinView } from '../twin/twin-view.ts'

/** What the service and the owner itself can do with the twin of a device or a module. */
export class TwinCommands {
  readonly #state: HubState

  constructor(state: HubState) {
    this.#state = state
  }

  get(key: IdentityKey): JsonObject {
    const owner = ownerOf(key, this.#state)
    const { twins, sessions, queues } = this.#state
    return twinView(owner, twins.get(key), sessions.presenceOf(key), queues.countOf(key))
  }

  patch(key: IdentityKey, body: JsonValue | undefined, precondition: Precondition): JsonObject {
    return this.#write(key, body, precondition, patchTwin)
  }

  replace(key: IdentityKey, body: JsonValue | undefined, precondition: Precondition): JsonObject {
    return this.#write(key, body, precondition, replaceTwin)
  }

  /** The twin as the device sees it. */
  readOwn(key: IdentityKey): JsonObject {
    this.#state.sessions.touch(key)
    return deviceTwinView(this.#state.twins.get(key))
  }

  /** Applies a reported patch and returns the new reported `$version`. */
  report(key: IdentityKey, patch: JsonValue | undefined, expectedVersion: number | undefined): number {
    this.#state.sessions.touch(key)
    const write = reportProperties(this.#state.twins.get(key), patch, {
      timeInMs: this.#state.clock.now(),
      expectedVersion,
    })
    this.#state.twins.set(key, write.twin)
    const { version } = write.twin.reported
    const told = plainJsonObject(write.patch)
    this.#state.events.emit({ type: 'reportedChanged', ...identityName(key), patch: told, version })
    return version
  }

  #write(
    key: IdentityKey,
    body: JsonValue | undefined,
    precondition: Precondition,
    apply: (twin: Twin, request: TwinRequest, timeInMs: number) => ServiceWrite,
  ): JsonObject {
    ownerOf(key, this.#state)
    const current = this.#state.twins.get(key)
    assertPrecondition(precondition, twinEtag(current))
    const write = apply(current, parseTwinRequest(body), this.#state.clock.now())
    this.#state.twins.set(key, write.twin)
    this.#announce(key, current, write)
    return this.get(key)
  }

  #announce(key: IdentityKey, before: Twin, { twin, desiredPatch }: ServiceWrite): void {
    const { events } = this.#state
    const name = identityName(key)
    if (twin.tags !== before.tags) events.emit({ type: 'tagsChanged', ...name, tags: plainJsonObject(twin.tags) })
    if (desiredPatch === undefined) return
    const { version } = twin.desired
    deliverDesired(this.#state, key, desiredPatch, version)
    events.emit({ type: 'desiredChanged', ...name, patch: plainJsonObject(desiredPatch), version })
  }
}
