import type { FirmwareError } from './firmware-error.ts'

/** What {@link DownloadImage} is asked for. */
export interface DownloadImageOptions {
  /** Where the image is; https. Its query may hold a token: no part of it is logged or thrown. */
  readonly url: string
  /** Bytes of the image, exactly; undefined when nobody said. */
  readonly size: number | undefined
  /** The most bytes that are taken where `size` is undefined, and the most that `size` may be. */
  readonly maxSizeInBytes: number
  /** SHA-256 of the image, 64 hexadecimal digits in lower case. */
  readonly sha256: string
  /**
   * The file to make, in a directory that is there already. What an earlier call left of it is gone on with, also
   * after a crash, when it is a part of the same image. Once the promise resolves, it is on disk whole, and verified.
   */
  readonly file: string
  /** Ends the download; what is there stays for the next call. */
  readonly abortSignal: AbortSignal
  /** Told how many bytes are there, out of `size`, or of what the server has announced. */
  readonly onProgress?: ((bytes: number, total: number | undefined) => void) | undefined
  /** Told that a try has failed, of what, and how many milliseconds it waits before the next one. */
  readonly onWaiting?: ((delayInMs: number, reason: FirmwareError) => void) | undefined
}

/**
 * Downloads an image. Rejects with a `FirmwareError`: `UrlRefused`, `TooManyRedirects`, `SizeExceeded`, `DigestMismatch` (the file is
 * removed), `ServerNotTrusted`, `DownloadStalled`, `DownloadFailed` (every try was used up), `DownloadRefused` (the server says 403, 404, 410 or the like: a
 * fresh URL may help, and what is there is kept), or with the reason of the signal.
 */
export type DownloadImage = (options: DownloadImageOptions) => Promise<void>
