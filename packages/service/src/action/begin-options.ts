import type { ActionDefinition } from '@iothub-dm/protocol'
import type { CallOptions } from '../method/call-method.ts'
import type { RetryOptions } from '../method/retry.ts'

/** Options of `begin`. */
export interface BeginOptions<TAction extends ActionDefinition = ActionDefinition> extends CallOptions {
  /**
   * Id of the operation: 1 to 64 letters, digits, `.`, `_`, `:`, `-`. Beginning again with the same id never runs anything twice, as
   * long as the device remembers it. Default: a random one.
   */
  readonly operationId?: string | undefined
  /** The device must not begin after this time. */
  readonly expiresAt?: Date | undefined
  /** Tries again after failures that may pass, with the same `operationId`, so that nothing runs twice. Default: one try. */
  readonly retry?: RetryOptions | undefined
  /** Longest time for all tries and the pauses between them, in milliseconds. Default: any. */
  readonly totalTimeoutInMs?: number | undefined
  /**
   * What to do for a device that is not connected. `fail`: `DeviceOffline` is thrown. `desired`: the operation is asked for by the
   * desired properties, with the same id; the device takes it up when it connects, unless it has expired: after a day without
   * `expiresAt`. The request is then readable in the twin, and takes the place of one of the same action that was asked for there.
   *
   * @default 'fail'
   */
  readonly whenOffline?: 'fail' | 'desired' | undefined
  /**
   * For actions that lose data: says that the caller knows. Where the device wants to be armed for the request, it is armed first,
   * which is one more call.
   */
  readonly acknowledge?: Extract<TAction['effects'][number], 'losesData'> | undefined
}
