import { type FirmwareErrorCode, IotHubDmError } from '@iothub-dm/protocol'

/** A firmware update cannot go on. */
export class FirmwareError<TCode extends FirmwareErrorCode = FirmwareErrorCode> extends IotHubDmError<TCode> {
  override readonly name = 'FirmwareError'

  /**
   * @param code what happened
   * @param message what, where and what was expected; it goes into the twin, so it holds neither a URL's query nor a key
   */
  constructor(code: TCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: retryableCodes.includes(code) })
  }
}

const retryableCodes: readonly FirmwareErrorCode[] = [
  'DependencyMissing',
  'DownloadFailed',
  'DownloadStalled',
  'Quarantined',
  'TimeUnknown',
]
