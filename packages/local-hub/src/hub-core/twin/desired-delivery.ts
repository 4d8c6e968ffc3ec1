import type { HubState } from '../hub-state.ts'
import type { IdentityKey } from '../identity/identity-key.ts'
import { formatJson } from '../json/format-json.ts'
import type { JsonObject } from '../json/json.ts'

/** Tells a device or module of new desired properties, if it listens. */
export function deliverDesired(state: HubState, key: IdentityKey, patch: JsonObject, version: number): void {
  const connection = state.sessions.subscriberOf(key, 'desiredProperties')
  if (connection === undefined) return
  state.faults.desired.pass(key, () => {
    state.traffic.billNotification(Buffer.byteLength(formatJson(patch)))
    connection.sendDesiredPatch(patch, version)
  })
}
