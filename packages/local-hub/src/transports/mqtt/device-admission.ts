import type { IConnectPacket } from 'mqtt-packet'
import type { ClientCredential } from '../../hub-core/auth/access-control.ts'
import { type AccessDecision, refuse } from '../../hub-core/auth/access-decision.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { deviceKey, type IdentityKey, identityName, moduleKey } from '../../hub-core/identity/identity-key.ts'
import { type MqttUserName, parseUserName } from './user-name.ts'
import { parseWill, type Will } from './will.ts'

/** What a client claims in CONNECT, and how it proves it. */
export interface ConnectClaims {
  readonly clientId: string
  readonly userName: string | undefined
  readonly credential: ClientCredential
  readonly will: IConnectPacket['will']
}

/** A device or module that may connect. */
export interface Admission {
  readonly key: IdentityKey
  readonly modelId: string
  readonly expiresAtInMs: number | undefined
  readonly will: Will | undefined
}

/** Decides on a CONNECT (wire reference 1.3 to 1.5). A refusal is announced with its reason; the client is not told it. */
export function admitDevice(core: HubCore, claims: ConnectClaims): Admission | undefined {
  const userName = parseUserName(claims.userName ?? '')
  const will = claims.will === undefined ? undefined : parseWill(claims.will, claims.clientId)
  const decision = userName === undefined ? refuse('malformedUserName') : decide(core, claims, userName, will)
  if (!decision.granted) {
    core.events.emit({ type: 'accessRefused', client: claims.clientId, reason: decision.reason })
    return undefined
  }
  return { key: claims.clientId, modelId: userName?.modelId ?? '', expiresAtInMs: decision.expiresAtInMs, will }
}

function decide(core: HubCore, claims: ConnectClaims, userName: MqttUserName, will: Will | undefined): AccessDecision {
  const { deviceId, moduleId } = userName
  const key = moduleId === undefined ? deviceKey(deviceId) : moduleKey(deviceId, moduleId)
  if (claims.clientId !== key) return refuse('clientIdMismatch')
  if (!core.access.isOwnHostName(userName.hostName)) return refuse('wrongHost')
  const decision = core.access.decideClient(identityName(key), claims.credential)
  return decision.granted && claims.will !== undefined && will === undefined ? refuse('invalidWill') : decision
}
