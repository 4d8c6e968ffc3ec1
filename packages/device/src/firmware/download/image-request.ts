import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { isIP } from 'node:net'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import type { Clock } from '../../connection/clock.ts'
import { errnoOf } from '../../journal/errno.ts'
import { FirmwareError } from '../firmware-error.ts'
import type { ContentValidator } from './content-validator.ts'
import { guardedLookup, type ResolveHost, refusedAddress } from './guarded-lookup.ts'
import { describeUrl, hostOf } from './image-url.ts'
import { isPublicAddress } from './public-address.ts'
import { TryFailed } from './try-failed.ts'

/** Most bytes that the header of an answer may have. */
const maxHeaderSizeInBytes = 16 * 1024

/** How servers are reached. */
export interface ImageRequestSettings {
  readonly clock: Clock
  readonly secureContext: SecureContext
  readonly resolveHost: ResolveHost
  /** Hosts that may have an address in a private network. */
  readonly privateHosts: readonly string[]
  /** Longest time from the start of the connection to the end of the header of the answer, in milliseconds. */
  readonly answerTimeoutInMs: number
}

/** A part of an image, from a byte on. */
export interface WantedRange {
  readonly offset: number
  readonly validator: ContentValidator
}

/**
 * What is trusted, and how: the certificate authorities that Node ships and, beside them, those of the caller; TLS 1.2 at least. There
 * is no way to switch the check of certificates off.
 *
 * @param ca further certificate authorities, PEM
 */
export function trustedAuthorities(ca: string | readonly string[] | undefined): SecureContext {
  const minVersion = 'TLSv1.2'
  return ca === undefined
    ? createSecureContext({ minVersion })
    : createSecureContext({ minVersion, ca: [...rootCertificates, ...[ca].flat()] })
}

/**
 * Asks for an image, or for the rest of one, on a connection of its own. Redirects are not followed. It sends no credential, no
 * cookie and no Referer.
 *
 * @param signal ends the request, also while the body is read
 * @returns the answer, with its body unread
 * @throws FirmwareError `UrlRefused` for an address that is not public, `ServerNotTrusted`, `DownloadRefused`
 * @throws TryFailed when the server cannot be reached, or does not answer in time
 */
export function requestImage(
  url: URL,
  range: WantedRange | undefined,
  settings: ImageRequestSettings,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { clock, secureContext, privateHosts, answerTimeoutInMs } = settings
  const host = hostOf(url)
  const mayBePrivate = privateHosts.some(name => name.toLowerCase() === host)
  const accepts = mayBePrivate ? () => true : isPublicAddress
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    if (isIP(host) !== 0 && !accepts(host)) return reject(refusedAddress(host))
    const outgoing = request(url, {
      agent: new Agent({
        secureContext,
        rejectUnauthorized: true,
        lookup: guardedLookup(settings.resolveHost, accepts),
      }),
      maxHeaderSize: maxHeaderSizeInBytes,
      headers: {
        accept: '*/*',
        'accept-encoding': 'identity',
        connection: 'close',
        'user-agent': 'iothub-dm',
        ...(range === undefined ? {} : { range: `bytes=${range.offset}-`, 'if-range': range.validator }),
      },
    })
    const end = (reason: unknown): void => {
      reject(reason)
      outgoing.destroy()
    }
    const onAbort = (): void => end(signal.reason)
    const cancelTimeout = clock.setTimeout(() => {
      end(new TryFailed('DownloadStalled', `${describeUrl(url)} has not answered within ${answerTimeoutInMs} ms`))
    }, answerTimeoutInMs)
    signal.addEventListener('abort', onAbort, { once: true })
    outgoing.on('close', () => {
      cancelTimeout()
      signal.removeEventListener('abort', onAbort)
      // Without an error and without an answer, such as one that changes the protocol.
      reject(new TryFailed('DownloadFailed', `${describeUrl(url)} has not answered`))
    })
    // Stays for good: a connection can break again after its answer is there.
    outgoing.on('error', error => reject(explain(error, url)))
    outgoing.on('response', answer => {
      cancelTimeout()
      resolve(answer)
    })
    outgoing.end()
  })
}

/** Says what a failed connection means. Does not pass on what the error holds: it may quote the server. */
export function explain(error: unknown, url: URL): FirmwareError | TryFailed {
  if (error instanceof FirmwareError || error instanceof TryFailed) return error
  const server = describeUrl(url)
  const code = errnoOf(error) ?? 'unknown'
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new FirmwareError(
      'DownloadRefused',
      `${server} answered with more than ${maxHeaderSizeInBytes} bytes of headers`,
    )
  }
  if (isTlsRefusal(code)) return new FirmwareError('ServerNotTrusted', `${server} is not to be trusted: ${code}`)
  return new TryFailed('DownloadFailed', `the connection to ${server} failed: ${code}`)
}

/** Codes of OpenSSL's certificate check (x509_verify_cert_error, as Node names them) and of a handshake that found no common ground. */
function isTlsRefusal(code: string): boolean {
  return (
    /^(CERT|CRL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH)/.test(
      code,
    ) ||
    code === 'ERR_TLS_CERT_ALTNAME_INVALID' ||
    /^ERR_SSL_.*(PROTOCOL|VERSION|CIPHER|ALERT)/.test(code) ||
    code === 'EPROTO'
  )
}
