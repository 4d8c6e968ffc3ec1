import type { IncomingMessage } from 'node:http'
import { errnoOf } from '../../journal/errno.ts'
import type { DownloadImageOptions } from '../download-image.ts'
import { FirmwareError } from '../firmware-error.ts'
import { type ImageRequestSettings, requestImage, type WantedRange } from './image-request.ts'
import { describeUrl } from './image-url.ts'
import { judgeAnswer, type Verdict } from './judge-answer.ts'
import type { PartialImage } from './partial-image.ts'
import { type RedirectPolicy, redirectTarget } from './redirect-policy.ts'
import { type TransferLimits, TransferWatch } from './transfer-watch.ts'
import { TryFailed } from './try-failed.ts'

/** How an image is fetched. */
export interface FetchSettings extends ImageRequestSettings, RedirectPolicy, TransferLimits {}

/**
 * Tries to fetch an image, or the rest of it, and to finish it.
 *
 * @throws TryFailed when another try may do; what has come so far is in `partial`
 * @throws FirmwareError when none can
 */
export async function fetchImage(
  url: URL,
  order: DownloadImageOptions,
  partial: PartialImage,
  settings: FetchSettings,
  signal: AbortSignal,
): Promise<void> {
  const expected = order.size ?? partial.total
  const isWhole = partial.length > 0 && partial.length === expected
  const offset = isWhole ? partial.length : await fetchRest(url, order, partial, settings, signal)
  if (await partial.finish()) return
  const message = `the image from ${describeUrl(url)} is not the one that was promised: its SHA-256 differs`
  // What an earlier try had left may have been the part that is wrong.
  throw offset > 0 ? new TryFailed('DownloadFailed', message) : new FirmwareError('DigestMismatch', message)
}

/** @returns from which byte on it was fetched */
async function fetchRest(
  origin: URL,
  order: DownloadImageOptions,
  partial: PartialImage,
  settings: FetchSettings,
  signal: AbortSignal,
): Promise<number> {
  const { validator } = partial
  const range = validator === undefined || partial.length === 0 ? undefined : { offset: partial.length, validator }
  let url = origin
  for (let redirects = 0; ; redirects++) {
    const answer = await requestImage(url, range, settings, signal)
    try {
      const verdict = judge(answer, url, range, order, partial, settings)
      switch (verdict.kind) {
        case 'redirect':
          url = redirectTarget(origin, url, answer.headers.location, redirects, settings)
          break
        case 'startOver':
          await partial.startOver()
          throw new TryFailed('DownloadFailed', verdict.reason)
        case 'body':
          await takeBody(answer, url, verdict, order, partial, settings, signal)
          return verdict.offset
      }
    } finally {
      answer.destroy()
    }
  }
}

function judge(
  answer: IncomingMessage,
  url: URL,
  range: WantedRange | undefined,
  order: DownloadImageOptions,
  partial: PartialImage,
  settings: FetchSettings,
): Verdict {
  return judgeAnswer(
    { status: answer.statusCode ?? 0, headers: answer.headers },
    {
      server: describeUrl(url),
      offset: range?.offset ?? 0,
      validator: range?.validator,
      size: order.size ?? (range === undefined ? undefined : partial.total),
      maxSizeInBytes: order.maxSizeInBytes,
      nowInMs: settings.clock.now(),
    },
  )
}

type BodyVerdict = Extract<Verdict, { readonly kind: 'body' }>

async function takeBody(
  answer: IncomingMessage,
  url: URL,
  body: BodyVerdict,
  order: DownloadImageOptions,
  partial: PartialImage,
  settings: FetchSettings,
  signal: AbortSignal,
): Promise<void> {
  if (body.offset === 0) await partial.startOver(body.validator, body.total)
  const expected = order.size ?? body.total
  const mostBytes = body.end ?? order.size ?? order.maxSizeInBytes
  const tooSlow = new AbortController()
  const ended = AbortSignal.any([signal, tooSlow.signal])
  const onEnded = (): void => void answer.destroy()
  ended.addEventListener('abort', onEnded, { once: true })
  using watch = new TransferWatch(settings.clock, settings, failure => tooSlow.abort(failure))
  order.onProgress?.(partial.length, expected)
  try {
    for await (const chunk of bytesOf(answer, url)) {
      watch.received(chunk.length)
      if (partial.length + chunk.length > mostBytes) {
        throw new FirmwareError(
          'SizeExceeded',
          `${describeUrl(url)} sends more than the ${mostBytes} bytes that were expected`,
        )
      }
      await partial.append(chunk)
      order.onProgress?.(partial.length, expected)
    }
  } catch (error) {
    ended.throwIfAborted()
    throw error
  } finally {
    ended.removeEventListener('abort', onEnded)
  }
  ended.throwIfAborted()
  if (partial.length < (expected ?? 0)) {
    throw endedEarly(body, `${describeUrl(url)} sent ${partial.length} of ${expected} bytes`)
  }
}

/** A server may send less than the rest, and be asked again; of what it calls the whole, nothing more will come. */
function endedEarly({ offset, end }: BodyVerdict, message: string): Error {
  const isWhole = offset === 0 && end === undefined
  return isWhole ? new FirmwareError('DigestMismatch', message) : new TryFailed('DownloadFailed', message)
}

async function* bytesOf(answer: IncomingMessage, url: URL): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<unknown> = answer[Symbol.asyncIterator]()
  for (;;) {
    let next: IteratorResult<unknown>
    try {
      next = await chunks.next()
    } catch (error) {
      throw new TryFailed(
        'DownloadFailed',
        `the connection to ${describeUrl(url)} broke: ${errnoOf(error) ?? 'unknown'}`,
      )
    }
    if (next.done === true) return
    if (next.value instanceof Uint8Array) yield next.value
  }
}
