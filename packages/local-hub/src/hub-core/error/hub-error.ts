import { type ErrorForm, type HubErrorCode, hubErrorCodes } from './error-code.ts'

/** Details of a {@link HubError}. */
export interface HubErrorOptions {
  /** The form of the REST body, where it differs from the usual one of the code. */
  readonly form?: ErrorForm | undefined
  /** The `info` member that some numeric bodies carry. */
  readonly info?: Readonly<Record<string, string>> | null | undefined
  /** Sent as `Retry-After`. The real hub sends none. */
  readonly retryAfterInSeconds?: number | undefined
}

/** A refusal by the hub, as a client sees it: a status, a numeric and a symbolic code, and a text. */
export class HubError extends Error {
  override readonly name: string = 'HubError'
  readonly code: HubErrorCode
  readonly status: number
  readonly number: number
  readonly form: ErrorForm
  readonly info: Readonly<Record<string, string>> | null
  readonly retryAfterInSeconds: number | undefined

  constructor(code: HubErrorCode, message: string, options: HubErrorOptions = {}) {
    super(message)
    const definition = hubErrorCodes[code]
    this.code = code
    this.status = definition.status
    this.number = definition.number
    this.form = options.form ?? definition.form
    this.info = options.info ?? null
    this.retryAfterInSeconds = options.retryAfterInSeconds
  }
}
