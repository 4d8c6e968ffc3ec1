import { type AccessDecision, refuse } from '../../hub-core/auth/access-decision.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import type { IdentityKey } from '../../hub-core/identity/identity-key.ts'
import { type MqttUserName, parseUserName } from './user-name.ts'

/** What a client claims in CONNECT. */
export interface ConnectClaims {
  readonly clientId: string
  readonly userName: string | undefined
  readonly password: string | undefined
}

/** A device that may connect. */
export interface Admission {
  readonly key: IdentityKey
  readonly modelId: string
  readonly expiresAtInMs: number
}

/** Decides on a CONNECT (wire reference 1.3, 1.4). A refusal is announced with its reason; the client is not told it. */
export function admitDevice(core: HubCore, claims: ConnectClaims): Admission | undefined {
  const userName = parseUserName(claims.userName ?? '')
  const decision = userName === undefined ? refuse('malformedUserName') : decide(core, claims, userName)
  if (!decision.granted) {
    core.events.emit({ type: 'accessRefused', client: claims.clientId, reason: decision.reason })
    return undefined
  }
  return { key: claims.clientId, modelId: userName?.modelId ?? '', expiresAtInMs: decision.expiresAtInMs }
}

function decide(core: HubCore, claims: ConnectClaims, userName: MqttUserName): AccessDecision {
  if (userName.moduleId !== undefined) return refuse('modulesNotSupported')
  if (userName.deviceId !== claims.clientId) return refuse('clientIdMismatch')
  if (!core.access.isOwnHostName(userName.hostName)) return refuse('wrongHost')
  return core.access.decideDevice(claims.password, userName.deviceId)
}
