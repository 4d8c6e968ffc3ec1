import { IotHubDmError } from '@iothub-dm/protocol'

/** How the device's connection to the hub, or a call through it, can fail. */
export type HubConnectionErrorCode =
  | 'ClockSkew'
  | 'ConnectionClosed'
  | 'ConnectionLost'
  | 'CredentialsUnavailable'
  | 'HubTimeout'
  | 'HubUnavailable'
  | 'IdentityConflict'
  | 'InvalidHubAnswer'
  | 'Unauthorized'

/**
 * The connection to the hub failed, or ended under a call. Tell the cases apart by `code`:
 * `ConnectionLost` and `HubTimeout` leave open whether the hub has carried the call out.
 */
export class HubConnectionError<
  TCode extends HubConnectionErrorCode = HubConnectionErrorCode,
> extends IotHubDmError<TCode> {
  override readonly name: string = 'HubConnectionError'

  /**
   * @param code what happened
   * @param message what happened in detail; never holds a key, a token or a connection string
   */
  constructor(code: TCode, message: string) {
    super(code, message, { retryable: code !== 'ConnectionClosed' && code !== 'Unauthorized' })
  }
}

/**
 * The hub refused a token, and the device's clock is why: the token begins and ends by it. Retryable: the connection comes back by
 * itself once the clock is set.
 */
export class ClockSkewError extends HubConnectionError<'ClockSkew'> {
  override readonly name: string = 'ClockSkewError'
  /** How far the device's clock is ahead of the hub's, in milliseconds; negative when it is behind. */
  readonly skewInMs: number

  constructor(skewInMs: number) {
    const seconds = Math.round(Math.abs(skewInMs) / 1_000)
    super(
      'ClockSkew',
      `the hub refused the token: the device's clock is ${seconds} s ${skewInMs > 0 ? 'ahead' : 'behind'}`,
    )
    this.skewInMs = skewInMs
  }
}

/** The hub goes on ending the device's sessions, as it does when two devices use one identity: each throws the other out. */
export class IdentityConflictError extends HubConnectionError<'IdentityConflict'> {
  override readonly name: string = 'IdentityConflictError'
  /** How many sessions the hub has ended within the last minute. */
  readonly lossesInLastMinute: number

  constructor(lossesInLastMinute: number) {
    super(
      'IdentityConflict',
      `the hub ended ${lossesInLastMinute} sessions within a minute, as it does when two devices use one identity`,
    )
    this.lossesInLastMinute = lossesInLastMinute
  }
}

/** What the hub says about a twin request that it refused. */
export interface TwinRefusal {
  /** Status of the answer in the sense of HTTP: 400, 412, 413, 429, 500 ... */
  readonly status: number
  /** The hub's numeric error code, such as 400004; see the page "IoT Hub error codes". */
  readonly hubCode?: number | undefined
  /** The hub's own words. */
  readonly hubMessage?: string | undefined
  /** The hub's tracking id, which Microsoft's support asks for. */
  readonly trackingId?: string | undefined
}

/** The hub answered a twin request with an error status. Retryable when the hub throttles (429) or fails (5xx). */
export class TwinRefusedError<
  TCode extends 'ReportRefused' | 'TwinReadRefused' = 'ReportRefused' | 'TwinReadRefused',
> extends IotHubDmError<TCode> {
  override readonly name: string = 'TwinRefusedError'
  /** Status of the answer in the sense of HTTP. */
  readonly status: number
  /** The hub's numeric error code, where it gave one. */
  readonly hubCode: number | undefined
  /** The hub's tracking id, where it gave one. */
  readonly trackingId: string | undefined

  /**
   * @param code `ReportRefused` for an update of the reported properties, `TwinReadRefused` for a read
   * @param refusal what the hub answered
   */
  constructor(code: TCode, refusal: TwinRefusal) {
    const { status, hubCode, hubMessage, trackingId } = refusal
    const request = code === 'ReportRefused' ? 'the update of the reported properties' : 'to give the twin'
    const details = [`status ${status}`, hubCode, hubMessage].filter(detail => detail !== undefined).join(', ')
    super(code, `the hub refused ${request}: ${details}`, { retryable: status === 429 || status >= 500 })
    this.status = status
    this.hubCode = hubCode
    this.trackingId = trackingId
  }
}
