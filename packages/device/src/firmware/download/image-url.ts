import { FirmwareError } from '../firmware-error.ts'

const longestUrl = 4096

/**
 * Reads the URL of an image: https, no user name or password, at most 4,096 characters. Does no I/O.
 *
 * @throws FirmwareError `UrlRefused`; no part of the URL stands in its message
 */
export function parseImageUrl(text: string): URL {
  if (text.length > longestUrl) throw new FirmwareError('UrlRefused', `a URL is longer than ${longestUrl} characters`)
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new FirmwareError('UrlRefused', 'a URL is malformed: expected an absolute https URL')
  }
  checkImageUrl(url)
  return url
}

/**
 * Refuses a URL that is not https, or holds a user name or password.
 *
 * @throws FirmwareError `UrlRefused`
 */
export function checkImageUrl(url: URL): void {
  if (url.protocol !== 'https:') throw new FirmwareError('UrlRefused', `expected an https URL, got ${url.protocol}`)
  if (url.username !== '' || url.password !== '') {
    throw new FirmwareError('UrlRefused', 'a URL holds a user name or a password')
  }
}

/** What may be told of a URL: path and query can hold a token, so only where it leads to. */
export function describeUrl(url: URL): string {
  return url.origin
}

/** The host of a URL as a socket takes it: an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}
