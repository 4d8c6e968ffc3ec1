import {
  divideRequest,
  isJsonObject,
  type JsonObject,
  joinRequest,
  type Validation,
  validateActionRequest,
} from '@iothub-dm/protocol'
import type { BoundAction } from '../implementation/implement.ts'
import type { IncomingRequest } from './decide-request.ts'
import { LiveRequest } from './live-request.ts'
import type { OperationLog } from './operation-log.ts'
import { redactError } from './redact-error.ts'

/** Holds the request of an operation, together with its secrets, against the schema of its action. */
export function checkRequest(
  { definition }: BoundAction,
  { action, request }: Pick<OperationLog, 'action' | 'request'>,
  secrets: JsonObject,
): Validation<unknown> {
  return validateActionRequest(definition, joinRequest({ open: request, secrets }), `request of action '${action}'`)
}

/**
 * The request of an operation that goes on, as its handler sees it.
 *
 * @returns undefined when it breaks the schema of the software now running
 */
export function openRequest(
  action: BoundAction,
  log: OperationLog,
  secrets: JsonObject,
  onError: (error: unknown) => void,
): LiveRequest | undefined {
  try {
    const request = checkRequest(action, log, secrets)
    return request.valid ? new LiveRequest(request.value, secrets) : undefined
  } catch (error) {
    onError(error)
    return undefined
  }
}

/** Does something with a request; what code of its schema throws may quote what it was given, and is cleared of that. */
export function redacting<TResult>({ action, payload }: IncomingRequest, act: () => TResult): TResult {
  try {
    return act()
  } catch (error) {
    const { secrets } = divideRequest(isJsonObject(payload) ? payload : null, action.definition.secrets)
    throw redactError(error, secrets)
  }
}
