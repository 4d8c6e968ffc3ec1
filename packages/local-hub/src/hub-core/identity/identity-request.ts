import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonValue, memberOf } from '../json/json.ts'
import type { RandomSource } from '../random-source.ts'
import { parseAuthentication } from './authentication.ts'
import type { IdentitySettings } from './device-identity.ts'
import { parseEdgePlacement } from './edge-placement-request.ts'

/**
 * Reads the body of an identity PUT. It is a full replacement: an absent status means enabled, absent keys are generated.
 * Read-only members that clients send back (etag, generationId, times) are ignored (wire reference 2.7).
 *
 * @throws HubError 400 when a member does not have the expected form or the id is not the one of the path.
 */
export function parseIdentityRequest(
  body: JsonValue | undefined,
  deviceId: string,
  random: RandomSource,
): IdentitySettings {
  if (!isJsonObject(body)) throw new HubError('ArgumentInvalid', 'The body must be a device as a JSON object.')
  const idInBody = memberOf(body, 'deviceId') ?? deviceId
  if (idInBody !== deviceId) {
    throw new HubError('ArgumentInvalid', 'deviceId in the body must be the one in the path.')
  }
  const status = memberOf(body, 'status') ?? 'enabled'
  if (status !== 'enabled' && status !== 'disabled') {
    throw new HubError('ArgumentInvalid', 'status must be enabled or disabled.')
  }
  const statusReason = memberOf(body, 'statusReason') ?? null
  if (statusReason !== null && (typeof statusReason !== 'string' || statusReason.length > 128)) {
    throw new HubError('ArgumentInvalid', 'statusReason must be a string of at most 128 characters.')
  }
  return {
    status,
    statusReason,
    authentication: parseAuthentication(memberOf(body, 'authentication'), random),
    ...parseEdgePlacement(body),
  }
}
