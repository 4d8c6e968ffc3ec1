import type { Clock } from '../clock/clock.ts'
import type { Authentication } from '../identity/authentication.ts'
import type { IdentityRegistry } from '../identity/identity-registry.ts'
import type { ModuleRegistry } from '../identity/module-registry.ts'
import { type AccessDecision, refuse } from './access-decision.ts'
import type { Permission, Policies } from './policy.ts'
import { normalizeHostName, parseResource, scopeCovers } from './resource-scope.ts'
import { isSignedByEither } from './sas-signature.ts'
import { parseSasToken, type SasToken } from './sas-token.ts'

/** What access control decides on. */
export interface AccessControlOptions {
  /** The names under which clients may address the hub. */
  readonly hostNames: readonly string[]
  readonly clock: Clock
  readonly policies: Policies
  readonly identities: IdentityRegistry
  readonly modules: ModuleRegistry
}

/** Verifies shared access signatures of services and devices (wire reference 1.4, 2.3). */
export class AccessControl {
  readonly #hostNames: ReadonlySet<string>
  readonly #clock: Clock
  readonly #policies: Policies
  readonly #identities: IdentityRegistry
  readonly #modules: ModuleRegistry

  constructor(options: AccessControlOptions) {
    this.#hostNames = new Set(options.hostNames.map(normalizeHostName))
    this.#clock = options.clock
    this.#policies = options.policies
    this.#identities = options.identities
    this.#modules = options.modules
  }

  isOwnHostName(hostName: string): boolean {
    return this.#hostNames.has(normalizeHostName(hostName))
  }

  /** Decides on a service call: the token must be of a policy that has the permission, for this path. */
  decideService(tokenText: string | undefined, path: readonly string[], permission: Permission): AccessDecision {
    const token = tokenText === undefined ? undefined : parseSasToken(tokenText)
    return token === undefined ? refuse('malformedToken') : this.#decideByPolicy(token, path, permission)
  }

  /** Decides on a device that connects with its own key, or with that of a policy that may connect devices. */
  decideDevice(tokenText: string | undefined, deviceId: string): AccessDecision {
    const device = this.#identities.find(deviceId)
    const token = tokenText === undefined ? undefined : parseSasToken(tokenText)
    if (token === undefined) return refuse('malformedToken')
    if (device === undefined) return refuse('unknownDevice')
    const decision = this.#decideOwn(token, ['devices', deviceId], device.authentication)
    return decision.granted && device.status === 'disabled' ? refuse('deviceDisabled') : decision
  }

  /** Like {@link decideDevice} for a module. One of a disabled device is refused. */
  decideModule(tokenText: string | undefined, deviceId: string, moduleId: string): AccessDecision {
    const device = this.#identities.find(deviceId)
    const module = this.#modules.find(deviceId, moduleId)
    const token = tokenText === undefined ? undefined : parseSasToken(tokenText)
    if (token === undefined) return refuse('malformedToken')
    if (device === undefined) return refuse('unknownDevice')
    if (module === undefined) return refuse('unknownModule')
    const decision = this.#decideOwn(token, ['devices', deviceId, 'modules', moduleId], module.authentication)
    return decision.granted && device.status === 'disabled' ? refuse('deviceDisabled') : decision
  }

  #decideOwn(token: SasToken, path: readonly string[], authentication: Authentication): AccessDecision {
    return token.policyName === undefined
      ? this.#decideByOwnKey(token, path, authentication)
      : this.#decideByPolicy(token, path, 'DeviceConnect')
  }

  #decideByPolicy(token: SasToken, path: readonly string[], permission: Permission): AccessDecision {
    const policy = this.#policies.find(token.policyName ?? '')
    if (policy === undefined) return refuse('unknownPolicy')
    if (!isSignedByEither(token, policy.keys)) return refuse('wrongSignature')
    const { hostName, segments } = parseResource(token.resource)
    if (!this.isOwnHostName(hostName)) return refuse('wrongHost')
    if (!scopeCovers(segments, path)) return refuse('wrongScope')
    if (!policy.permissions.includes(permission)) return refuse('missingPermission')
    return this.#decideByTime(token)
  }

  #decideByOwnKey(token: SasToken, path: readonly string[], authentication: Authentication): AccessDecision {
    if (authentication.type !== 'sas') return refuse('wrongAuthenticationType')
    if (!isSignedByEither(token, authentication.symmetricKey)) return refuse('wrongSignature')
    const { hostName, segments } = parseResource(token.resource)
    if (!this.isOwnHostName(hostName)) return refuse('wrongHost')
    if (segments.length !== path.length || !scopeCovers(segments, path)) return refuse('wrongScope')
    return this.#decideByTime(token)
  }

  /** No skew is allowed for: a local hub and its clients read the same clock. */
  #decideByTime(token: SasToken): AccessDecision {
    return token.expiresAtInMs <= this.#clock.now()
      ? refuse('tokenExpired')
      : { granted: true, expiresAtInMs: token.expiresAtInMs }
  }
}
