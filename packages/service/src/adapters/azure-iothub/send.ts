import type { HubCallOptions } from '../../hub/iot-hub.ts'
import type { HubCallSubject } from '../../hub/to-hub-error.ts'
import type { RestAnswer, RestCall } from './exchange.ts'

/** A call without its bounds, and with a path that lacks the version of the interface. */
export interface UnboundedCall extends Omit<RestCall, 'timeoutInMs' | 'abortSignal'> {
  /** Beside the version of the interface. */
  readonly query?: Readonly<Record<string, string>>
  /** How long to wait unless the caller says otherwise, in milliseconds. Default: that of the client. */
  readonly timeoutInMs?: number
}

/**
 * Sends a call to the hub, once.
 *
 * @throws HubError, ClientClosedError, or the reason of the signal
 */
export type Send = (subject: HubCallSubject, call: UnboundedCall, bounds: HubCallOptions) => Promise<RestAnswer>
