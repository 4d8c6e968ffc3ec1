import type { LookupAddress } from 'node:dns'
import { type Clock, longestTimeoutInMs, systemClock } from '../../connection/clock.ts'
import { type ResolveHost, resolveHost } from './guarded-lookup.ts'

/** How images are downloaded. */
export interface ImageDownloaderOptions {
  /** Certificate authorities to trust beside those that Node ships, PEM. */
  readonly ca?: string | readonly string[] | undefined
  /**
   * Servers that may have an address in a private network, by host name or address. Without being named here, no host is connected to that
   * is on loopback, link-local or private addresses: an order from outside must not make a device call on its neighbours.
   */
  readonly privateHosts?: readonly string[] | undefined
  /** Hosts that a server may redirect to beside itself: names, or `*.` and a domain for all names below it. Default: none. */
  readonly redirectHosts?: readonly string[] | undefined
  /** How many redirects one after the other are followed. Default: 5. */
  readonly maxRedirects?: number | undefined
  /** Longest time from the start of a connection to the answer of the server, in milliseconds. Default: 30,000. */
  readonly answerTimeoutInMs?: number | undefined
  /** Longest time without a byte, in milliseconds. Default: 30,000. */
  readonly stallTimeoutInMs?: number | undefined
  /** Fewest bytes per second, over `rateWindowInMs`. Default: 256. */
  readonly minRateInBytesPerSecond?: number | undefined
  /** Over which time the rate is measured, in milliseconds. Default: 60,000. */
  readonly rateWindowInMs?: number | undefined
  /** Longest time for a whole download with all its tries, in milliseconds. Default: 86,400,000 (a day). */
  readonly totalTimeoutInMs?: number | undefined
  /** How many tries in a row may bring nothing new. Default: 8. */
  readonly maxTries?: number | undefined
  /** Longest wait before the second try, in milliseconds; it doubles with every one that brings nothing new. Default: 1,000. */
  readonly baseDelayInMs?: number | undefined
  /** Longest wait between two tries that the server has not asked for, in milliseconds. Default: 120,000. */
  readonly maxDelayInMs?: number | undefined
  /** The source of time. Default: the system's. */
  readonly clock?: Clock | undefined
  /** Draws the waits: numbers in [0, 1). Default: `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Finds the addresses of a host name. Default: the operating system's. */
  readonly resolveHost?: ((host: string) => Promise<readonly LookupAddress[]>) | undefined
}

/** {@link ImageDownloaderOptions} with the defaults filled in. */
export interface ImageDownloaderSettings {
  readonly ca: string | readonly string[] | undefined
  readonly privateHosts: readonly string[]
  readonly redirectHosts: readonly string[]
  readonly maxRedirects: number
  readonly answerTimeoutInMs: number
  readonly stallTimeoutInMs: number
  readonly minRateInBytesPerSecond: number
  readonly rateWindowInMs: number
  readonly totalTimeoutInMs: number
  readonly maxTries: number
  readonly baseDelayInMs: number
  readonly maxDelayInMs: number
  readonly clock: Clock
  readonly random: () => number
  readonly resolveHost: ResolveHost
}

/**
 * Fills in the defaults.
 *
 * @throws RangeError naming an option that is out of its range
 */
export function imageDownloaderSettings(options: ImageDownloaderOptions): ImageDownloaderSettings {
  return {
    ca: options.ca,
    privateHosts: options.privateHosts ?? [],
    redirectHosts: options.redirectHosts ?? [],
    maxRedirects: inRange('maxRedirects', options.maxRedirects ?? 5, 0, 20),
    answerTimeoutInMs: time('answerTimeoutInMs', options.answerTimeoutInMs ?? 30_000),
    stallTimeoutInMs: time('stallTimeoutInMs', options.stallTimeoutInMs ?? 30_000),
    minRateInBytesPerSecond: inRange('minRateInBytesPerSecond', options.minRateInBytesPerSecond ?? 256, 0, 1e9),
    rateWindowInMs: time('rateWindowInMs', options.rateWindowInMs ?? 60_000),
    totalTimeoutInMs: time('totalTimeoutInMs', options.totalTimeoutInMs ?? 86_400_000),
    maxTries: inRange('maxTries', options.maxTries ?? 8, 1, 1000),
    baseDelayInMs: time('baseDelayInMs', options.baseDelayInMs ?? 1_000),
    maxDelayInMs: time('maxDelayInMs', options.maxDelayInMs ?? 120_000),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    resolveHost: options.resolveHost ?? resolveHost,
  }
}

function time(name: string, value: number): number {
  return inRange(name, value, 1, longestTimeoutInMs)
}

function inRange(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value
  throw new RangeError(`${name}: expected a number from ${min} to ${max}, got ${value}`)
}
