import { HubError, type HubErrorCode } from './hub-error.ts'
import { type HubErrorAnswer, parseHubError } from './parse-hub-error.ts'

/** Which call failed. */
export interface HubCallSubject {
  /** The call in words, such as `method 'reboot' of device 'cam-1'`. */
  readonly description: string
  /** What the call can change: nothing, something in the hub, or something on a device. */
  readonly effect: 'none' | 'hub' | 'device'
}

/**
 * Turns an error answer of the hub into a {@link HubError}, by the hub's numeric code first and by the HTTP status
 * where there is none.
 *
 * @param subject which call failed
 * @param answer what the hub answered
 */
export function toHubError(subject: HubCallSubject, answer: HubErrorAnswer): HubError {
  const { text, ...report } = parseHubError(answer)
  const code =
    (report.hubCode === undefined ? undefined : codesByNumber.get(report.hubCode)) ??
    codeByStatus(answer.httpStatus, subject)
  const numbers = report.hubCode === undefined ? '' : `, hub code ${report.hubCode}`
  const message = `${subject.description}: ${text || 'the hub gave no reason'} (HTTP ${answer.httpStatus}${numbers})`
  return new HubError(code, message, {
    ...report,
    httpStatus: answer.httpStatus,
    retryable: retryableCodes.has(code),
    outcomeUnknown: canAct(subject) && mayHaveActed(answer.httpStatus, report.hubCode),
  })
}

/**
 * The error for a success answer that is not one of IoT Hub, such as the page of a proxy.
 *
 * @param subject which call was answered
 * @param reason what is wrong with the answer
 */
export function invalidHubAnswer(subject: HubCallSubject, reason: string): HubError<'InvalidHubAnswer'> {
  return new HubError('InvalidHubAnswer', `${subject.description}: the answer is not one of IoT Hub: ${reason}`, {
    retryable: true,
    outcomeUnknown: canAct(subject),
  })
}

/** Tells whether a call that got no answer may have changed something. */
export function canAct({ effect }: HubCallSubject): boolean {
  return effect !== 'none'
}

const deviceConnectionClosedRemotely = 404104

const codesByNumber: ReadonlyMap<number, HubErrorCode> = new Map([
  [403002, 'QuotaExceeded'],
  [403004, 'QuotaExceeded'],
  [404001, 'DeviceNotFound'],
  [404010, 'ModuleNotFound'],
  [404103, 'DeviceOffline'],
  [404301, 'ConfigurationNotFound'],
  [deviceConnectionClosedRemotely, 'DeviceOffline'],
  [409001, 'AlreadyExists'],
  [409104, 'AlreadyExists'],
  [409401, 'AlreadyExists'],
  [413002, 'QuotaExceeded'],
])

const retryableCodes: ReadonlySet<HubErrorCode> = new Set([
  'DeviceOffline',
  'DeviceTimeout',
  'HubUnavailable',
  'QuotaExceeded',
  'Throttled',
])

function codeByStatus(httpStatus: number, { effect }: HubCallSubject): HubErrorCode {
  switch (httpStatus) {
    case 400:
      return 'InvalidHubRequest'
    case 401:
    case 403:
      return 'Unauthorized'
    case 412:
      return 'PreconditionFailed'
    case 413:
      return 'PayloadTooLarge'
    case 429:
      return 'Throttled'
    case 408:
    case 504:
      return effect === 'device' ? 'DeviceTimeout' : 'HubUnavailable'
    default:
      return httpStatus >= 500 ? 'HubUnavailable' : 'HubRefused'
  }
}

/** A server that failed or ran out of time may have passed the call on before; every other refusal came first. */
function mayHaveActed(httpStatus: number, hubCode: number | undefined): boolean {
  return httpStatus >= 500 || httpStatus === 408 || hubCode === deviceConnectionClosedRemotely
}
