import { IotHubDmError, type JsonValue } from '@iothub-dm/protocol'

/** The operation that asks to be admitted. */
export interface AdmissionRequest {
  /** Name of the action. */
  readonly action: string
  readonly operationId: string
  /** As it came in, without its secrets. */
  readonly request: JsonValue
  /** ISO 8601, UTC. */
  readonly acceptedTime: string
  /** Which life of the handler is about to begin: 1 for the first. */
  readonly attempt: number
}

/** Given to {@link AdmissionGate.admit} beside the request. */
export interface AdmissionContext {
  /** Aborted when the operation is cancelled, expires, or the agent closes; `admit` then rejects with its reason. */
  readonly signal: AbortSignal
  /**
   * Reports that the operation waits, and makes that durable. May be called again when the reason changes.
   *
   * @param detail for people, at most 128 characters; it goes into the twin
   * @param until when it will probably go on; told in the detail
   */
  readonly waiting: (detail: string, until?: Date) => Promise<void>
}

/**
 * Decides when an operation may begin: a maintenance window, the consent of a user. Asked before the first life of its
 * handler, once it is the operation's turn and the delay of its request is over; a device that restarts while it waits asks anew.
 */
export interface AdmissionGate {
  /** Whether it is asked before every life of a handler, and not only before the first. Default: false. */
  readonly everyLife?: boolean | undefined
  /**
   * Resolves when the operation may begin.
   *
   * @throws AdmissionRefusedError when it must not: it ends as `rejected`, with the error's words. So it does when anything else
   * is thrown, without a word of that
   */
  admit(request: AdmissionRequest, context: AdmissionContext): Promise<void>
}

/** Lets every operation begin at once. */
export const openGate: AdmissionGate = { admit: async () => {} }

/** Thrown by an {@link AdmissionGate}: the operation must not begin. */
export class AdmissionRefusedError extends IotHubDmError<'AdmissionRefused'> {
  override readonly name = 'AdmissionRefusedError'

  /** @param message for people, at most 128 characters; it goes into the twin */
  constructor(message: string, options: { readonly retryable?: boolean } = {}) {
    super('AdmissionRefused', message, options)
  }
}
