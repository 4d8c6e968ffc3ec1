import { EventEmitter } from 'node:events'
import { type Clock, noTimeout } from '../../connection/clock.ts'
import { HubConnectionError } from '../../connection/errors.ts'
import type { DeviceAuthenticationProvider, DeviceCredentials } from './authentication-provider.ts'

type CredentialsCallback = (error?: Error | null, credentials?: DeviceCredentials) => void

/** Settings of {@link LinkCredentials}. */
export interface LinkCredentialsOptions {
  readonly clock: Clock
  /** Longest wait for credentials, in milliseconds. */
  readonly timeoutInMs: number
  /** There are none. The SDK is told too, and makes `UnauthorizedError` of it (trap 2). */
  readonly onUnavailable: (reason: HubConnectionError) => void
}

/**
 * An authentication provider for the life of one link. The provider under it outlives the link, and may be the program's own: nothing
 * stays on it when the link is over, and what it does wrong is an error instead of silence or an uncaught exception.
 */
export class LinkCredentials extends EventEmitter {
  readonly type: number
  readonly #provider: DeviceAuthenticationProvider
  readonly #options: LinkCredentialsOptions
  // The SDK throws at whoever tells it of a token that is none.
  readonly #renewed = (credentials: unknown): void => {
    if (hasToken(credentials)) this.emit('newTokenAvailable', credentials)
  }
  // An `error` that nobody listens to ends the process (trap 13); a connection that is up does not need the provider.
  readonly #failed = (): void => {}
  #released = false

  constructor(provider: DeviceAuthenticationProvider, options: LinkCredentialsOptions) {
    super()
    this.type = provider.type
    this.#provider = provider
    this.#options = options
    if (isEmitter(provider)) {
      provider.on('newTokenAvailable', this.#renewed)
      provider.on('error', this.#failed)
    }
  }

  /** Called by the SDK; always calls back, once. */
  getDeviceCredentials(callback: CredentialsCallback): void {
    const { clock, timeoutInMs, onUnavailable } = this.#options
    let cancelDeadline = noTimeout
    let settled = false
    const settle = (error: HubConnectionError | undefined, credentials?: DeviceCredentials): void => {
      if (settled) return
      settled = true
      cancelDeadline()
      if (error !== undefined) onUnavailable(error)
      callback(error ?? null, credentials)
    }
    cancelDeadline = clock.setTimeout(() => settle(unavailable(`gave none within ${timeoutInMs} ms`)), timeoutInMs)
    try {
      this.#provider.getDeviceCredentials((error, credentials) => {
        if (error) return settle(error instanceof HubConnectionError ? error : unavailable('failed'))
        settle(isComplete(credentials) ? undefined : unavailable('gave incomplete ones'), credentials)
      })
    } catch {
      settle(unavailable('threw'))
    }
  }

  /** Called by the SDK when a connection has ended. */
  stop(): void {
    if (!this.#released && 'stop' in this.#provider && typeof this.#provider.stop === 'function') this.#provider.stop()
  }

  /** Ends the loan. What the SDK still does afterwards does not reach the provider. */
  release(): void {
    if (this.#released) return
    this.stop()
    this.#released = true
    if (isEmitter(this.#provider)) {
      this.#provider.off('newTokenAvailable', this.#renewed)
      this.#provider.off('error', this.#failed)
    }
  }
}

function hasToken(credentials: unknown): boolean {
  if (typeof credentials !== 'object' || credentials === null) return false
  return 'sharedAccessSignature' in credentials && typeof credentials.sharedAccessSignature === 'string'
}

interface Emitter {
  on(event: string, listener: (value: unknown) => void): unknown
  off(event: string, listener: (value: unknown) => void): unknown
}

function isEmitter(provider: object): provider is Emitter {
  return (
    'on' in provider && typeof provider.on === 'function' && 'off' in provider && typeof provider.off === 'function'
  )
}

function isComplete(credentials: DeviceCredentials | undefined): boolean {
  if (credentials === undefined || !credentials.host || !credentials.deviceId) return false
  const { sharedAccessSignature, x509 } = credentials
  return Boolean(sharedAccessSignature) || (x509 !== undefined && 'cert' in x509 && 'key' in x509)
}

/** What a provider threw may quote a key. */
function unavailable(how: string): HubConnectionError {
  return new HubConnectionError('CredentialsUnavailable', `no credentials: the authentication provider ${how}`)
}
