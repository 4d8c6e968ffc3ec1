import { HubError } from '../error/hub-error.ts'
import type { IdentityKey } from '../identity/identity-key.ts'
import type { ConfiguredTwins } from './configured-twins.ts'
import { missingPatch, type Settlement } from './settle-claims.ts'

/** Brings a twin in step with what was settled for it. Tells whether the twin has it now. */
export function applySettlement(twins: ConfiguredTwins, key: IdentityKey, settlement: Settlement): boolean {
  const patch = missingPatch(settlement, twins.desiredOf(key) ?? {})
  return patch === undefined || succeeds(() => twins.patchDesired(key, patch))
}

/** Tells whether the hub lets something be done: a twin may be full, or gone. */
export function succeeds(write: () => void): boolean {
  try {
    write()
    return true
  } catch (error) {
    if (error instanceof HubError) return false
    throw error
  }
}
