import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Arming, JsonValue } from '@iothub-dm/protocol'
import { digestRequest } from '../operation/request-digest.ts'
import type { RuntimeEnvironment } from '../operation/runtime-environment.ts'

/** What an {@link ArmingDesk} works with. */
export interface ArmingDeskOptions {
  readonly environment: Pick<RuntimeEnvironment, 'now' | 'sleep'>
  /** How long a token is good, in milliseconds. */
  readonly timeoutInMs: number
  /** Draws a token. Default: 32 random bytes. */
  readonly newToken?: (() => string) | undefined
}

interface OpenArming {
  /** Of the action and the request. */
  readonly purpose: string
  /** Of the token: the token itself is nowhere on the device. */
  readonly digest: Uint8Array
  /** Aborted when it is worthless. */
  readonly over: AbortController
}

/**
 * Gives out the tokens with which a device is armed, and takes each back once. One is outstanding at a time, in memory alone: a
 * newer one, a restart and the end of its time make it worthless.
 */
export class ArmingDesk {
  readonly #options: ArmingDeskOptions
  #open: OpenArming | undefined

  constructor(options: ArmingDeskOptions) {
    this.#options = options
  }

  /** Gives out the token for an action with a request. */
  arm(actionName: string, request: JsonValue): Arming {
    const { environment, timeoutInMs, newToken = randomToken } = this.#options
    const token = newToken()
    const over = new AbortController()
    this.close()
    this.#open = { purpose: purposeOf(actionName, request), digest: digest(token), over }
    // A wait, not a time: the clock of a device may jump.
    environment.sleep(timeoutInMs, over.signal).then(
      () => this.close(),
      () => {},
    )
    return { token, expiresTime: new Date(environment.now() + timeoutInMs).toISOString() }
  }

  /**
   * Takes a token back; it is worthless then.
   *
   * @returns whether it is the one that was given out last, for this very action and request
   */
  redeem(actionName: string, request: JsonValue, token: string | undefined): boolean {
    const open = this.#open
    if (open === undefined || token === undefined) return false
    const good = timingSafeEqual(open.digest, digest(token)) && open.purpose === purposeOf(actionName, request)
    if (good) this.close()
    return good
  }

  /** Makes what is outstanding worthless. */
  close(): void {
    this.#open?.over.abort()
    this.#open = undefined
  }
}

function purposeOf(actionName: string, request: JsonValue): string {
  return digestRequest([actionName, request])
}

function digest(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

function randomToken(): string {
  return randomBytes(32).toString('base64url')
}
