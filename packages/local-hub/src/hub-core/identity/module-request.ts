import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonValue, memberOf } from '../json/json.ts'
import type { RandomSource } from '../random-source.ts'
import { parseAuthentication } from './authentication.ts'
import type { IdentityName } from './identity-key.ts'
import type { ModuleSettings } from './module-identity.ts'

/**
 * Reads the body of a module PUT, a full replacement: absent keys are generated, an absent `managedBy` is cleared. Authentication
 * `none` is read as `sas` (wire reference 8.2).
 *
 * @throws HubError 400 when a member does not have the expected form or an id is not the one of the path.
 */
export function parseModuleRequest(
  body: JsonValue | undefined,
  name: Required<IdentityName>,
  random: RandomSource,
): ModuleSettings {
  if (!isJsonObject(body)) throw new HubError('ArgumentInvalid', 'The body must be a module as a JSON object.')
  for (const id of ['deviceId', 'moduleId'] as const) {
    if ((memberOf(body, id) ?? name[id]) !== name[id]) {
      throw new HubError('ArgumentInvalid', `${id} in the body must be the one in the path.`)
    }
  }
  const managedBy = memberOf(body, 'managedBy') ?? null
  if (managedBy !== null && typeof managedBy !== 'string') {
    throw new HubError('ArgumentInvalid', 'managedBy must be a string.')
  }
  return { managedBy, authentication: parseAuthentication(withKeys(memberOf(body, 'authentication')), random) }
}

function withKeys(authentication: JsonValue | undefined): JsonValue | undefined {
  const isNone = isJsonObject(authentication) && memberOf(authentication, 'type') === 'none'
  return isNone ? { ...authentication, type: 'sas' } : authentication
}
