import { HubError } from '../../hub/hub-error.ts'
import { canAct, type HubCallSubject, invalidHubAnswer, toHubError } from '../../hub/to-hub-error.ts'
import type { RestAnswer, RestCall, RestOutcome } from './exchange.ts'

/** The error for a call that did not succeed. */
export function toFailure(
  subject: HubCallSubject,
  { timeoutInMs }: Pick<RestCall, 'timeoutInMs'>,
  outcome: Exclude<RestOutcome, RestAnswer>,
): HubError {
  const { description } = subject
  switch (outcome.kind) {
    case 'refused':
      return toHubError(subject, outcome.answer)
    case 'unreadable':
      return invalidHubAnswer(subject, outcome.reason)
    case 'untrusted':
      return new HubError(
        'HubUnavailable',
        `${description}: the certificate of the hub is not trusted: ${outcome.error.message}`,
        { cause: outcome.error },
      )
    case 'timedOut':
      return new HubError('HubTimeout', `${description}: no answer from the hub within ${timeoutInMs} ms`, {
        retryable: true,
        outcomeUnknown: canAct(subject) && outcome.sent,
      })
    case 'lost':
      return new HubError(
        'HubUnavailable',
        `${description}: the connection to the hub failed: ${outcome.error.message}`,
        {
          retryable: true,
          outcomeUnknown: canAct(subject) && outcome.sent,
          cause: outcome.error,
        },
      )
  }
}
