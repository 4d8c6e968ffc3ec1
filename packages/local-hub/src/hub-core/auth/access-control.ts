import type { Clock } from '../clock/clock.ts'
import type { Authentication } from '../identity/authentication.ts'
import type { IdentityName } from '../identity/identity-key.ts'
import type { IdentityRegistry } from '../identity/identity-registry.ts'
import type { ModuleRegistry } from '../identity/module-registry.ts'
import { type AccessDecision, refuse } from './access-decision.ts'
import type { CertificateAuthorities } from './certificate-authorities.ts'
import { type ClientCertificate, commonNameOf, hasThumbprint } from './client-certificate.ts'
import type { Permission, Policies } from './policy.ts'
import { normalizeHostName, parseResource, scopeCovers } from './resource-scope.ts'
import { isSignedByEither, RepeatedSignatures } from './sas-signature.ts'
import { parseSasToken, type SasToken } from './sas-token.ts'

/** What access control decides on. */
export interface AccessControlOptions {
  /** The names under which clients may address the hub. */
  readonly hostNames: readonly string[]
  readonly clock: Clock
  readonly policies: Policies
  readonly identities: IdentityRegistry
  readonly modules: ModuleRegistry
  /** Whose certificates are trusted. */
  readonly authorities: CertificateAuthorities
  /** Whether any bearer token opens the service API: there is no Microsoft Entra here that could vouch for one. Default: none does. */
  readonly acceptBearerTokens?: boolean | undefined
}

/** What a device or module shows: a token, or a certificate, or nothing. */
export type ClientCredential = string | ClientCertificate | undefined

const bearerPattern = /^Bearer +\S/i

const grantedForGood: AccessDecision = { granted: true, expiresAtInMs: undefined }

/** Verifies shared access signatures of services and devices, and certificates of devices (wire reference 1.4, 1.5, 2.3). */
export class AccessControl {
  readonly #hostNames: ReadonlySet<string>
  readonly #clock: Clock
  readonly #policies: Policies
  readonly #identities: IdentityRegistry
  readonly #modules: ModuleRegistry
  readonly #authorities: CertificateAuthorities
  readonly #acceptBearerTokens: boolean
  readonly #policySignatures = new RepeatedSignatures()

  constructor(options: AccessControlOptions) {
    this.#hostNames = new Set(options.hostNames.map(normalizeHostName))
    this.#clock = options.clock
    this.#policies = options.policies
    this.#identities = options.identities
    this.#modules = options.modules
    this.#authorities = options.authorities
    this.#acceptBearerTokens = options.acceptBearerTokens ?? false
  }

  isOwnHostName(hostName: string): boolean {
    return this.#hostNames.has(normalizeHostName(hostName))
  }

  /** Decides on a service call: the token must be of a policy that has the permission, for this path. */
  decideService(tokenText: string | undefined, path: readonly string[], permission: Permission): AccessDecision {
    if (tokenText !== undefined && bearerPattern.test(tokenText)) {
      return this.#acceptBearerTokens ? grantedForGood : refuse('bearerToken')
    }
    const token = tokenText === undefined ? undefined : parseSasToken(tokenText)
    return token === undefined ? refuse('malformedToken') : this.#decideByPolicy(token, path, permission)
  }

  /**
   * Decides on a device or module that connects with its own key, with that of a policy that may connect devices, or with a
   * certificate. A module of a disabled device is refused.
   */
  decideClient(name: IdentityName, credential: ClientCredential): AccessDecision {
    const device = this.#identities.find(name.deviceId)
    const identity = name.moduleId === undefined ? device : this.#modules.find(name.deviceId, name.moduleId)
    if (device === undefined) return refuse('unknownDevice')
    if (identity === undefined) return refuse('unknownModule')
    const decision =
      typeof credential === 'object'
        ? this.#decideByCertificate(credential, name, identity.authentication)
        : this.#decideByToken(credential, name, identity.authentication)
    return decision.granted && device.status === 'disabled' ? refuse('deviceDisabled') : decision
  }

  /** A thumbprint vouches for a certificate whatever its dates; an authority does not. */
  #decideByCertificate(
    certificate: ClientCertificate,
    { deviceId, moduleId }: IdentityName,
    authentication: Authentication,
  ): AccessDecision {
    switch (authentication.type) {
      case 'selfSigned':
        return hasThumbprint(certificate, authentication.x509Thumbprint) ? grantedForGood : refuse('wrongThumbprint')
      case 'certificateAuthority': {
        const name = moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`
        if (commonNameOf(certificate) !== name) return refuse('wrongCommonName')
        const trusted = this.#authorities.vouchFor(certificate, this.#clock.now())
        return trusted ? grantedForGood : refuse('untrustedCertificate')
      }
      case 'sas':
      case 'none':
        return refuse('wrongAuthenticationType')
    }
  }

  #decideByToken(
    tokenText: string | undefined,
    { deviceId, moduleId }: IdentityName,
    authentication: Authentication,
  ): AccessDecision {
    const token = tokenText === undefined ? undefined : parseSasToken(tokenText)
    if (token === undefined) return refuse('malformedToken')
    const path = ['devices', deviceId, ...(moduleId === undefined ? [] : ['modules', moduleId])]
    return token.policyName === undefined
      ? this.#decideByOwnKey(token, path, authentication)
      : this.#decideByPolicy(token, path, 'DeviceConnect')
  }

  #decideByPolicy(token: SasToken, path: readonly string[], permission: Permission): AccessDecision {
    const policy = this.#policies.find(token.policyName ?? '')
    if (policy === undefined) return refuse('unknownPolicy')
    if (!this.#policySignatures.isSignedByEither(token, policy.keys)) return refuse('wrongSignature')
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
