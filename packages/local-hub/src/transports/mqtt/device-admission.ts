import type { ClientCredential } from '../../hub-core/auth/access-control.ts'
import { type AccessDecision, refuse } from '../../hub-core/auth/access-decision.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { deviceKey, type IdentityKey, moduleKey } from '../../hub-core/identity/identity-key.ts'
import { type MqttUserName, parseUserName } from './user-name.ts'

/** What a client claims in CONNECT, and how it proves it. */
export interface ConnectClaims {
  readonly clientId: string
  readonly userName: string | undefined
  readonly credential: ClientCredential
}

/** A device or module that may connect. */
export interface Admission {
  readonly key: IdentityKey
  readonly modelId: string
  readonly expiresAtInMs: number | undefined
}

/** Decides on a CONNECT (wire reference 1.3 to 1.5). A refusal is announced with its reason; the client is not told it. */
export function admitDevice(core: HubCore, claims: ConnectClaims): Admission | undefined {
  const userName = parseUserName(claims.userName ?? '')
  const decision = userName === undefined ? refuse('malformedUserName') : decide(core, claims, userName)
  if (!decision.granted) {
    core.events.emit({ type: 'accessRefused', client: claims.clientId, reason: decision.reason })
    return undefined
  }
  return { key: claims.clientId, modelId: userName?.modelId ?? '', expiresAtInMs: decision.expiresAtInMs }
}

function decide(core: HubCore, { clientId, credential }: ConnectClaims, userName: MqttUserName): AccessDecision {
  const { deviceId, moduleId } = userName
  const key = moduleId === undefined ? deviceKey(deviceId) : moduleKey(deviceId, moduleId)
  if (clientId !== key) return refuse('clientIdMismatch')
  if (!core.access.isOwnHostName(userName.hostName)) return refuse('wrongHost')
  return core.access.decideClient(moduleId === undefined ? { deviceId } : { deviceId, moduleId }, credential)
}
