import type { IncomingHttpHeaders } from 'node:http'
import { FirmwareError } from '../firmware-error.ts'
import { parseContentRange } from './content-range.ts'
import { type ContentValidator, contentValidator } from './content-validator.ts'
import { parseRetryAfter } from './retry-after.ts'
import { TryFailed } from './try-failed.ts'

/** An answer of a server, without its body. */
export interface AnswerHead {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** What was asked for. */
export interface AskedFor {
  /** The server, for people. */
  readonly server: string
  /** From which byte on; beyond 0 it was bound to `validator`. */
  readonly offset: number
  readonly validator: ContentValidator | undefined
  /** Bytes of the whole image, where they are known. */
  readonly size: number | undefined
  readonly maxSizeInBytes: number
  /** What the clock says, in milliseconds since 1970. */
  readonly nowInMs: number
}

/** What to do with an answer. */
export type Verdict =
  | { readonly kind: 'redirect' }
  /** Its body is the image from `offset` to `end`, exclusive; undefined: to wherever it ends. */
  | {
      readonly kind: 'body'
      readonly offset: number
      readonly end: number | undefined
      readonly validator: ContentValidator | undefined
      /** Bytes of the whole image, as far as the server says. */
      readonly total: number | undefined
    }
  /** It does not go on with what is there, which is worthless then. */
  | { readonly kind: 'startOver'; readonly reason: string }

/**
 * Judges an answer before a byte of its body is read.
 *
 * @throws FirmwareError when trying again is of no use: `DownloadRefused`, `SizeExceeded`, `DigestMismatch`
 * @throws TryFailed when it may be
 */
export function judgeAnswer({ status, headers }: AnswerHead, asked: AskedFor): Verdict {
  const { server, offset } = asked
  switch (status) {
    case 200:
      refuseContentCoding(headers, server)
      return judgeWhole(headers, asked)
    case 206:
      refuseContentCoding(headers, server)
      if (offset === 0)
        throw new FirmwareError('DownloadRefused', `${server} answered with a part that nobody asked for`)
      return judgeRest(headers, asked)
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return { kind: 'redirect' }
    case 416:
      if (offset > 0)
        return { kind: 'startOver', reason: 'the image at the server is shorter than what is there of it' }
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterInMs = parseRetryAfter(headers['retry-after'], asked.nowInMs)
    throw new TryFailed('DownloadFailed', `${server} answered with status ${status}`, retryAfterInMs)
  }
  throw new FirmwareError('DownloadRefused', `${server} answered with status ${status}; a fresh URL may be needed`)
}

/** Only the bytes themselves will do: what a coding unpacks to has no bound, and no digest that was promised. */
function refuseContentCoding(headers: IncomingHttpHeaders, server: string): void {
  const coding = headers['content-encoding'] ?? 'identity'
  if (coding !== 'identity') {
    throw new FirmwareError('DownloadRefused', `${server} sends the image in a content coding that was not asked for`)
  }
}

function judgeWhole(headers: IncomingHttpHeaders, { server, size, maxSizeInBytes }: AskedFor): Verdict {
  const length = headers['content-length']
  const total = length === undefined ? undefined : Number(length)
  if (total !== undefined && total > (size ?? maxSizeInBytes)) {
    throw new FirmwareError(
      'SizeExceeded',
      `${server} has ${total} bytes, expected ${size ?? `at most ${maxSizeInBytes}`}`,
    )
  }
  if (total !== undefined && total < (size ?? 0)) {
    throw new FirmwareError('DigestMismatch', `${server} has ${total} bytes, expected ${size}`)
  }
  return { kind: 'body', offset: 0, end: total, validator: contentValidator(headers), total }
}

function judgeRest(headers: IncomingHttpHeaders, { offset, validator, size, maxSizeInBytes }: AskedFor): Verdict {
  const range = parseContentRange(headers['content-range'])
  if (range === undefined || range.first !== offset) {
    return { kind: 'startOver', reason: 'the server sent another part than it was asked for' }
  }
  if (range.total !== (size ?? range.total) || range.total > maxSizeInBytes) {
    return { kind: 'startOver', reason: 'the image at the server has changed its size' }
  }
  if (headers.etag !== undefined && headers.etag !== validator) {
    return { kind: 'startOver', reason: 'the image at the server has changed' }
  }
  return { kind: 'body', offset, end: range.last + 1, validator, total: range.total }
}
