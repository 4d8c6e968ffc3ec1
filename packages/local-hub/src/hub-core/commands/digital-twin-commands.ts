import { desiredPatchOf } from '../digital-twin/digital-twin-patch.ts'
import { digitalTwinView } from '../digital-twin/digital-twin-view.ts'
import type { HubState } from '../hub-state.ts'
import { deviceKey } from '../identity/identity-key.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { assertPrecondition, type Precondition } from '../precondition/if-match.ts'
import { twinEtag } from '../twin/twin.ts'
import type { TwinCommands } from './twin-commands.ts'

/** A digital twin, and the etag it shares with the device twin. */
export interface DigitalTwin {
  readonly document: JsonObject
  readonly etag: string
}

/** Device twins seen through their Plug and Play model (wire reference 2.7). */
export class DigitalTwinCommands {
  readonly #state: HubState
  readonly #twins: TwinCommands

  constructor(state: HubState, twins: TwinCommands) {
    this.#state = state
    this.#twins = twins
  }

  /** @throws HubError 404 for an unknown device. */
  get(deviceId: string): DigitalTwin {
    const { identities, twins, sessions } = this.#state
    identities.get(deviceId)
    const twin = twins.get(deviceKey(deviceId))
    const { modelId } = sessions.presenceOf(deviceKey(deviceId))
    return { document: digitalTwinView(deviceId, modelId, twin), etag: twinEtag(twin) }
  }

  /**
   * Applies a JSON Patch to what is desired of the device, and returns the new etag.
   *
   * @throws HubError 400 for a patch that cannot be applied, 404 for an unknown device, 412 for a stale etag.
   */
  patch(deviceId: string, body: JsonValue | undefined, precondition: Precondition): string {
    this.#state.identities.get(deviceId)
    const key = deviceKey(deviceId)
    const twin = this.#state.twins.get(key)
    assertPrecondition(precondition, twinEtag(twin))
    const desired = desiredPatchOf(twin, body)
    if (Object.keys(desired).length > 0) this.#twins.patch(key, { properties: { desired } }, precondition)
    return twinEtag(this.#state.twins.get(key))
  }
}
