import { FirmwareError } from '../firmware-error.ts'

/** One try of a download failed, and another one may not. */
export class TryFailed extends Error {
  override readonly name = 'TryFailed'
  /** What the download ends with when this was the last try. */
  readonly error: FirmwareError<'DownloadFailed' | 'DownloadStalled'>
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterInMs: number

  constructor(code: 'DownloadFailed' | 'DownloadStalled', message: string, retryAfterInMs = 0) {
    super(message)
    this.error = new FirmwareError(code, message)
    this.retryAfterInMs = retryAfterInMs
  }
}
