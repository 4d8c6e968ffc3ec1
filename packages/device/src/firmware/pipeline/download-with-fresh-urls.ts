import type { firmwareUpdate } from '@iothub-dm/protocol'
import { sleep } from '../../agent/sleep.ts'
import type { Operation } from '../../operation/operation.ts'
import { FirmwareError } from '../firmware-error.ts'
import type { FirmwareSettings } from '../firmware-options.ts'
import type { FirmwarePlan } from '../manifest/firmware-plan.ts'
import { imageLocation, signedUrlOf } from '../manifest/image-location.ts'

/**
 * Downloads an image. A link that the server refuses may have expired on the way: the back end can send the operation again with a
 * fresh one, and the download goes on where it was.
 *
 * @throws FirmwareError of the download; `DownloadRefused` when no fresh URL came in time
 */
export async function downloadWithFreshUrls(
  op: Operation<typeof firmwareUpdate>,
  plan: FirmwarePlan,
  file: string,
  settings: FirmwareSettings,
  signal: AbortSignal,
): Promise<void> {
  const { sha256, size } = plan
  let percent = 0
  for (;;) {
    const url = locationOf(op)
    try {
      await settings.download({
        url,
        size: size ?? undefined,
        maxSizeInBytes: settings.maxSizeInBytes,
        sha256,
        file,
        abortSignal: signal,
        onProgress(bytes, total) {
          const now = total === undefined ? percent : Math.min(99, Math.floor((100 * bytes) / total))
          if (now > percent) op.progress(now)
          percent = Math.max(percent, now)
        },
        onWaiting(delayInMs, { code }) {
          op.progress(percent, `waiting ${Math.ceil(delayInMs / 1000)} s for the next try after ${code}`)
        },
      })
      op.progress(100)
      return
    } catch (error) {
      if (!(error instanceof FirmwareError) || error.code !== 'DownloadRefused') throw error
      op.progress(percent, 'the server refuses the link; waiting for a fresh one')
      await freshUrl(op, url, settings, signal, error)
    }
  }
}

/** Resolves once the request holds another URL than the one that was refused. */
async function freshUrl(
  op: Operation<typeof firmwareUpdate>,
  refused: string,
  { clock, freshUrlTimeoutInMs }: FirmwareSettings,
  signal: AbortSignal,
  refusal: FirmwareError,
): Promise<void> {
  const waiting = new AbortController()
  const tooLate = sleep(clock, freshUrlTimeoutInMs, AbortSignal.any([signal, waiting.signal])).then(() => {
    throw refusal
  })
  try {
    while (locationOf(op) === refused) await Promise.race([op.requestRenewed(), tooLate])
  } finally {
    waiting.abort()
    await tooLate.catch(() => {})
  }
}

function locationOf({ request }: Operation<typeof firmwareUpdate>): string {
  return imageLocation(request, signedUrlOf(request))
}
