import type { HubState } from '../hub-state.ts'
import { deviceKey, type IdentityKey, identityName } from '../identity/identity-key.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { assertPrecondition, type Precondition } from '../precondition/if-match.ts'
import { reportProperties } from '../twin/reported-write.ts'
import { patchTwin, replaceTwin, type ServiceWrite } from '../twin/service-write.ts'
import { type Twin, twinEtag } from '../twin/twin.ts'
import { parseTwinRequest, type TwinRequest } from '../twin/twin-request.ts'
import { deviceTwinView, twinView } from '../twin/twin-view.ts'

/** What the service and the device itself can do with a twin. */
export class TwinCommands {
  readonly #state: HubState

  constructor(state: HubState) {
    this.#state = state
  }

  get(deviceId: string): JsonObject {
    const device = this.#state.identities.get(deviceId)
    const key = deviceKey(deviceId)
    return twinView(device, this.#state.twins.get(key), this.#state.sessions.presenceOf(key))
  }

  patch(deviceId: string, body: JsonValue | undefined, precondition: Precondition): JsonObject {
    return this.#write(deviceId, body, precondition, patchTwin)
  }

  replace(deviceId: string, body: JsonValue | undefined, precondition: Precondition): JsonObject {
    return this.#write(deviceId, body, precondition, replaceTwin)
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
    this.#state.events.emit({ type: 'reportedChanged', ...identityName(key), patch: write.patch, version })
    return version
  }

  #write(
    deviceId: string,
    body: JsonValue | undefined,
    precondition: Precondition,
    apply: (twin: Twin, request: TwinRequest, timeInMs: number) => ServiceWrite,
  ): JsonObject {
    const key = deviceKey(deviceId)
    const current = this.#state.twins.get(key)
    assertPrecondition(precondition, twinEtag(current))
    const write = apply(current, parseTwinRequest(body), this.#state.clock.now())
    this.#state.twins.set(key, write.twin)
    this.#announce(key, current, write)
    return this.get(deviceId)
  }

  #announce(key: IdentityKey, before: Twin, { twin, desiredPatch }: ServiceWrite): void {
    if (twin.tags !== before.tags)
      this.#state.events.emit({ type: 'tagsChanged', ...identityName(key), tags: twin.tags })
    if (desiredPatch === undefined) return
    const { version } = twin.desired
    this.#state.sessions.subscriberOf(key, 'desiredProperties')?.sendDesiredPatch(desiredPatch, version)
    this.#state.events.emit({ type: 'desiredChanged', ...identityName(key), patch: desiredPatch, version })
  }
}
