import type { ErrorCode } from './error-codes.ts'

const brand = Symbol.for('@iothub-dm/error')

/** Options of {@link IotHubDmError}. */
export interface IotHubDmErrorOptions {
  /** What led to this error. */
  readonly cause?: unknown
  /** Whether the same call may succeed later without a change. Default: false. */
  readonly retryable?: boolean | undefined
}

/**
 * Base of every error that an iothub-dm package throws, apart from `TypeError` and `RangeError` for misuse.
 * Tell errors apart by `code`; it is stable, and it is the same in the ESM and the CommonJS build.
 */
export class IotHubDmError<TCode extends ErrorCode = ErrorCode> extends Error {
  // Marks instances across module copies, where `instanceof` cannot.
  static {
    Object.defineProperty(IotHubDmError.prototype, brand, { value: true })
  }

  override readonly name: string = 'IotHubDmError'
  /** Stable code, one of `errorCodes`. */
  readonly code: TCode
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean

  constructor(code: TCode, message: string, options: IotHubDmErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.retryable = options.retryable ?? false
  }
}

/**
 * Tells whether a caught value is an error of an iothub-dm package, whichever copy of the package made it.
 *
 * @param value anything that was caught
 * @param code narrows to errors of this code
 * @example
 * ```ts
 * try { ... } catch (error) {
 *   if (isIotHubDmError(error, 'DeviceOffline')) retryLater()
 *   else throw error
 * }
 * ```
 */
export function isIotHubDmError<TCode extends ErrorCode = ErrorCode>(
  value: unknown,
  code?: TCode,
): value is IotHubDmError<TCode> {
  return (
    typeof value === 'object' &&
    value !== null &&
    brand in value &&
    'code' in value &&
    (code === undefined || value.code === code)
  )
}
