import { IotHubDmError, isIotHubDmError } from '@iothub-dm/protocol'

/** The codes of a {@link HubError}. */
export const hubErrorCodes = [
  'AlreadyExists',
  'ConfigurationNotFound',
  'DeviceNotFound',
  'DeviceOffline',
  'DeviceTimeout',
  'HubRefused',
  'HubTimeout',
  'HubUnavailable',
  'InvalidHubAnswer',
  'InvalidHubRequest',
  'JobNotFound',
  'ModuleNotFound',
  'PayloadTooLarge',
  'PreconditionFailed',
  'QuotaExceeded',
  'Throttled',
  'Unauthorized',
] as const

/** How a call to the hub can fail. */
export type HubErrorCode = (typeof hubErrorCodes)[number]

/** What is known about a failed call besides its code. */
export interface HubErrorDetails {
  readonly cause?: unknown
  readonly retryable?: boolean | undefined
  readonly outcomeUnknown?: boolean | undefined
  readonly hubCode?: number | undefined
  readonly httpStatus?: number | undefined
  readonly trackingId?: string | undefined
  readonly retryAfterInMs?: number | undefined
}

/**
 * A call to the hub failed. `code` says how, in this library's words; `hubCode` is the hub's own number for it.
 *
 * @example
 * ```ts
 * try {
 *   await camera.methods.getLogs.invoke({ lines: 20 })
 * } catch (error) {
 *   if (isHubError(error, 'Throttled')) await delay(error.retryAfterInMs ?? 10_000)
 *   else throw error
 * }
 * ```
 */
export class HubError<TCode extends HubErrorCode = HubErrorCode> extends IotHubDmError<TCode> {
  override readonly name: string = 'HubError'
  /**
   * True when a direct method may have run, or a write may have been made, although no answer arrived: repeat it only if that does
   * no harm. Always false for reads.
   */
  readonly outcomeUnknown: boolean
  /** The hub's numeric error code, such as 404103; see the page "IoT Hub error codes". */
  readonly hubCode: number | undefined
  /** The HTTP status of the hub's answer; undefined when none arrived. */
  readonly httpStatus: number | undefined
  /** The hub's tracking id, which Microsoft's support asks for. */
  readonly trackingId: string | undefined
  /** How long the hub asks to wait before the next attempt, in milliseconds. */
  readonly retryAfterInMs: number | undefined

  /**
   * @param code how the call failed
   * @param message what was tried and what came, without secrets
   * @param details what else is known
   */
  constructor(code: TCode, message: string, details: HubErrorDetails = {}) {
    super(code, message, details)
    this.outcomeUnknown = details.outcomeUnknown ?? false
    this.hubCode = details.hubCode
    this.httpStatus = details.httpStatus
    this.trackingId = details.trackingId
    this.retryAfterInMs = details.retryAfterInMs
  }
}

/**
 * Tells whether a caught value is a {@link HubError}, whichever copy of the package made it.
 *
 * @param value anything that was caught
 * @param code narrows to errors of this code
 */
export function isHubError<TCode extends HubErrorCode = HubErrorCode>(
  value: unknown,
  code?: TCode,
): value is HubError<TCode> {
  return isIotHubDmError(value, code) && hubErrorCodes.some(known => known === value.code)
}
