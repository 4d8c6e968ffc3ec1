import { EventEmitter } from 'node:events'
import { callbackify } from 'node:util'
import { type CancelTimeout, type Clock, longestTimeoutInMs, noTimeout } from '../../connection/clock.ts'
import { HubConnectionError } from '../../connection/errors.ts'
import {
  authenticationType,
  type DeviceAuthenticationProvider,
  type DeviceCredentials,
} from './authentication-provider.ts'
import { parseSharedAccessSignature, type SharedAccessSignature } from './shared-access-signature.ts'

/** Who a token is for. */
export interface TokenRequest {
  /** Host name of the hub. */
  readonly hostName: string
  readonly deviceId: string
  /** Undefined for a device. */
  readonly moduleId: string | undefined
  /** What the token must open, percent-encoded: the `sr` to be signed. */
  readonly resourceUri: string
}

/** Gives a token that is valid from now on: `SharedAccessSignature sr=...&sig=...&se=...`. */
export type GetSharedAccessSignature = (request: TokenRequest) => string | Promise<string>

/** What a {@link SharedAccessSignatureProvider} is made with. */
export interface SharedAccessSignatureProviderOptions {
  readonly identity: Pick<DeviceCredentials, 'host' | 'deviceId' | 'moduleId' | 'gatewayHostName'>
  /** The first token; without it, the first one is asked for. */
  readonly first?: SharedAccessSignature | undefined
  /** Without it, the first token is the only one. */
  readonly getToken?: GetSharedAccessSignature | undefined
  /** How long before its end a token is replaced, at most half its life. */
  readonly marginInMs: number
  readonly clock: Clock
}

/** Shortest wait before a program that gave no new token is asked again, in milliseconds. */
const askAgainInMs = 10_000

/**
 * Tokens that the program signs, or has signed elsewhere: in a security module, by a service. Each one is replaced before its end; when
 * none comes, the connection lives as long as the last one, and whoever connects next asks again.
 */
export class SharedAccessSignatureProvider extends EventEmitter implements DeviceAuthenticationProvider {
  readonly type: number = authenticationType.token
  readonly #options: SharedAccessSignatureProviderOptions
  #token: SharedAccessSignature | undefined
  #renewAtInMs = 0
  #cancelRenewal: CancelTimeout = noTimeout
  /** Tells a renewal that was stopped meanwhile. */
  #generation = 0

  constructor(options: SharedAccessSignatureProviderOptions) {
    super()
    this.#options = options
    if (options.first !== undefined) this.#take(options.first)
  }

  getDeviceCredentials(callback: (error?: Error, credentials?: DeviceCredentials) => void): void {
    callbackify(() => this.#current())((error, credentials) => callback(error ?? undefined, credentials))
  }

  /** Plans no further renewal, until somebody connects again. */
  stop(): void {
    this.#generation += 1
    this.#cancelRenewal()
  }

  async #current(): Promise<DeviceCredentials> {
    const generation = this.#generation
    if (this.#options.getToken !== undefined) await this.#refresh()
    if (generation === this.#generation) this.#schedule(this.#renewAtInMs - this.#options.clock.now())
    return this.#credentials()
  }

  async #refresh(): Promise<void> {
    const { clock } = this.#options
    if (this.#token !== undefined && clock.now() < this.#renewAtInMs) return
    try {
      await this.#ask()
    } catch (error) {
      // What is left of the old one is better than nothing.
      if (this.#token === undefined || clock.now() >= this.#token.expiresAtInMs) throw error
      this.#renewAtInMs = clock.now() + askAgainInMs
    }
  }

  #schedule(delayInMs: number): void {
    this.#cancelRenewal()
    if (this.#options.getToken === undefined) return
    const generation = this.#generation
    const waitInMs = Math.min(Math.max(delayInMs, 0), longestTimeoutInMs)
    this.#cancelRenewal = this.#options.clock.setTimeout(() => void this.#renew(generation), waitInMs)
  }

  async #renew(generation: number): Promise<void> {
    const { clock } = this.#options
    const leftInMs = this.#renewAtInMs - clock.now()
    if (leftInMs > 0) return this.#schedule(leftInMs)
    try {
      await this.#ask()
    } catch {
      if (generation === this.#generation) this.#schedule(askAgainInMs)
      return
    }
    if (generation !== this.#generation) return
    this.#schedule(this.#renewAtInMs - clock.now())
    this.emit('newTokenAvailable', this.#credentials())
  }

  async #ask(): Promise<void> {
    const { host, deviceId, moduleId } = this.#options.identity
    const resource = `${host}/devices/${deviceId}${moduleId === undefined ? '' : `/modules/${moduleId}`}`
    const request = { hostName: host, deviceId, moduleId, resourceUri: encodeURIComponent(resource) }
    const token = parseSharedAccessSignature(await this.#options.getToken?.(request))
    if (token === undefined) {
      throw new HubConnectionError('CredentialsUnavailable', 'getSharedAccessSignature gave no shared access signature')
    }
    this.#take(token)
  }

  #take(token: SharedAccessSignature): void {
    const now = this.#options.clock.now()
    const marginInMs = Math.min(this.#options.marginInMs, Math.max(0, token.expiresAtInMs - now) / 2)
    this.#token = token
    this.#renewAtInMs = token.expiresAtInMs - marginInMs
  }

  #credentials(): DeviceCredentials {
    return { ...this.#options.identity, sharedAccessSignature: this.#token?.text }
  }
}
