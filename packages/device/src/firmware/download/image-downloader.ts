import { dirname } from 'node:path'
import type { SecureContext } from 'node:tls'
import { sleep } from '../../agent/sleep.ts'
import type { DownloadImage, DownloadImageOptions } from '../download-image.ts'
import { FirmwareError } from '../firmware-error.ts'
import {
  type ImageDownloaderOptions,
  type ImageDownloaderSettings,
  imageDownloaderSettings,
} from './download-options.ts'
import { fetchImage } from './fetch-image.ts'
import { requireFreeSpace } from './free-space.ts'
import { trustedAuthorities } from './image-request.ts'
import { parseImageUrl } from './image-url.ts'
import { isImageThere, PartialImage } from './partial-image.ts'
import { TryFailed } from './try-failed.ts'

/** So much more has to come for the tries to count anew: a server must not feed a device for ever byte by byte. */
const newBytes = 64 * 1024

/**
 * Makes a function that downloads images: over https alone, into a private file, held against its size while it grows and against its
 * digest in the end. A download that is cut off, by the network, by a slow server, or by the end of the process, goes on where it
 * was, as long as the server still has the same content; otherwise it begins anew.
 *
 * @throws RangeError naming an option that is out of its range
 * @example
 * ```ts
 * const download = imageDownloader({ redirectHosts: ['*.blob.core.windows.net'] })
 * ```
 */
export function imageDownloader(options: ImageDownloaderOptions = {}): DownloadImage {
  const settings = imageDownloaderSettings(options)
  let secureContext: SecureContext | undefined
  return async order => {
    const url = parseImageUrl(order.url)
    if ((order.size ?? 0) > order.maxSizeInBytes) {
      throw new FirmwareError('SizeExceeded', `the image has ${order.size} bytes, allowed are ${order.maxSizeInBytes}`)
    }
    order.abortSignal.throwIfAborted()
    if (await isImageThere(order.file, order.sha256)) return
    secureContext ??= trustedAuthorities(settings.ca)
    await using partial = await PartialImage.open(order.file, order.sha256)
    await requireFreeSpace(dirname(order.file), (order.size ?? 0) - partial.length)
    await tryUntilDone(url, order, partial, settings, secureContext)
  }
}

async function tryUntilDone(
  url: URL,
  order: DownloadImageOptions,
  partial: PartialImage,
  settings: ImageDownloaderSettings,
  secureContext: SecureContext,
): Promise<void> {
  const { clock, maxTries, totalTimeoutInMs } = settings
  const overdue = new AbortController()
  const cancelDeadline = clock.setTimeout(() => {
    overdue.abort(new FirmwareError('DownloadStalled', `the image has not come whole within ${totalTimeoutInMs} ms`))
  }, totalTimeoutInMs)
  const signal = AbortSignal.any([order.abortSignal, overdue.signal])
  try {
    let credited = partial.length
    for (let failures = 0; ; ) {
      try {
        return await fetchImage(url, order, partial, { ...settings, secureContext }, signal)
      } catch (error) {
        if (isWorthless(error)) await partial.discard()
        else await partial.mark()
        signal.throwIfAborted()
        if (!(error instanceof TryFailed)) throw error
        failures += 1
        if (partial.length >= credited + newBytes) {
          failures = 1
          credited = partial.length
        }
        if (failures >= maxTries) throw error.error
        const delayInMs = Math.max(error.retryAfterInMs, delayBefore(failures, settings))
        order.onWaiting?.(delayInMs, error.error)
        await sleep(clock, Math.min(delayInMs, totalTimeoutInMs), signal)
      }
    }
  } finally {
    cancelDeadline()
  }
}

/** What came is not the image, so nothing of it is kept. */
function isWorthless(error: unknown): boolean {
  return error instanceof FirmwareError && (error.code === 'SizeExceeded' || error.code === 'DigestMismatch')
}

/** Full jitter, in milliseconds. */
function delayBefore(failures: number, { baseDelayInMs, maxDelayInMs, random }: ImageDownloaderSettings): number {
  return random() * Math.min(maxDelayInMs, baseDelayInMs * 2 ** (failures - 1))
}
