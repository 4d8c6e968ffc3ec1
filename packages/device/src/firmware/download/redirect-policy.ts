import { FirmwareError } from '../firmware-error.ts'
import { checkImageUrl, describeUrl, hostOf } from './image-url.ts'

/** Where a download may be led. */
export interface RedirectPolicy {
  /** How many redirects one after the other are followed. */
  readonly maxRedirects: number
  /** Hosts that the server may redirect to beside itself: names, or `*.` and a domain for all names below it. */
  readonly redirectHosts: readonly string[]
}

/**
 * Decides whether a redirect is followed. The URL that it leads to is taken as it is: nothing of the URL before it goes along, no
 * query, no header.
 *
 * @param origin the URL that was asked for in the beginning
 * @param current the URL that answered
 * @param location header of that name of the answer
 * @param followed how many redirects led to `current`
 * @returns where to go on
 * @throws FirmwareError `UrlRefused` or `TooManyRedirects`
 */
export function redirectTarget(
  origin: URL,
  current: URL,
  location: string | undefined,
  followed: number,
  policy: RedirectPolicy,
): URL {
  if (followed >= policy.maxRedirects) {
    throw new FirmwareError(
      'TooManyRedirects',
      `${describeUrl(origin)} redirected more than ${policy.maxRedirects} times`,
    )
  }
  const target = parseLocation(current, location)
  checkImageUrl(target)
  const host = hostOf(target)
  if (host !== hostOf(origin) && !policy.redirectHosts.some(pattern => matchesHost(pattern, host))) {
    throw new FirmwareError('UrlRefused', `${describeUrl(current)} redirects to another host, ${describeUrl(target)}`)
  }
  return target
}

function parseLocation(current: URL, location: string | undefined): URL {
  try {
    if (location !== undefined) return new URL(location, current)
  } catch {
    // refused below
  }
  throw new FirmwareError('UrlRefused', `${describeUrl(current)} redirects to nowhere`)
}

/**
 * Tells whether a host is one of a pattern: the same name, or for `*.example.com` any name below `example.com`.
 *
 * @param host in lower case, as URLs have it
 */
export function matchesHost(pattern: string, host: string): boolean {
  const wanted = pattern.toLowerCase()
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) && host.length >= wanted.length : host === wanted
}
