import { describeIssues, type FirmwareKeySet, parseFirmwareKeySet } from '@iothub-dm/protocol'
import { type Clock, longestTimeoutInMs, systemClock } from '../connection/clock.ts'
import { imageDownloader } from './download/image-downloader.ts'
import type { DownloadImage } from './download-image.ts'

/** What a program has to write that lets its device install unsigned images. */
export const unsignedInSoManyWords = 'anyone who can reach the device through the hub may install any image'

/** Whose word a device takes for it that an image is what it should install. */
export type FirmwareTrust =
  /** Manifests that enough of these keys have signed. The set that a device has followed a rotation to counts more, if it is newer. */
  | {
      readonly keySet: FirmwareKeySet
      /** Whether keys that are marked `debug` count. Default: false. */
      readonly allowDebugKeys?: boolean | undefined
    }
  /**
   * Requests without a manifest: whoever may call methods of the device, or set its desired properties, may install anything on
   * it. The request has to hold `fwVersion` and, as `fwPackageCheckValue`, the SHA-256 of the image.
   */
  | {
      readonly unsigned: typeof unsignedInSoManyWords
      /** Whether a request may ask for an older version than the one that runs. Default: false. */
      readonly allowDowngrade?: boolean | undefined
    }

/** What a device tells about itself, to be held against a manifest. */
export interface FirmwareDevice {
  /** Its model, one of the manifest's `models`. */
  readonly model: string
  /** Its hardware revision, one of the manifest's `hardware`. */
  readonly hardware?: string | undefined
  /** Its device id, one of the manifest's `devices`. */
  readonly deviceId?: string | undefined
}

/** Options of `firmwareUpdateWith`. */
export interface FirmwareUpdateOptions {
  /**
   * A folder of its own, on a disk that keeps what is synced, for the image on its way and for what must never be forgotten: how new
   * the newest image was, which keys are trusted. Made for the user of the process alone.
   */
  readonly directory: string
  readonly trust: FirmwareTrust
  readonly device: FirmwareDevice
  /**
   * Downloads images; limits, hosts and certificate authorities are set there.
   *
   * @default imageDownloader()
   */
  readonly download?: DownloadImage | undefined
  /** The most bytes that an image may have. Default: 1 GiB. */
  readonly maxSizeInBytes?: number | undefined
  /** Longest time for the health check, in milliseconds. Default: 300,000 (five minutes). */
  readonly confirmTimeoutInMs?: number | undefined
  /** How often the new version may die in its health check before it is rolled back. Default: 3. */
  readonly maxTrials?: number | undefined
  /** How long a restart may take to end this life of the program, in milliseconds. Default: 300,000. */
  readonly restartTimeoutInMs?: number | undefined
  /**
   * How long a download that the server refuses waits for a fresh URL from the back end, in milliseconds: the same operation id
   * with another `fwPackageUri`. Default: 600,000 (ten minutes).
   */
  readonly freshUrlTimeoutInMs?: number | undefined
  /** After how many failures within a day an image is refused. Default: 3. */
  readonly maxFailures?: number | undefined
  /**
   * What happens when the clock shows a time before one that was seen already, or before this software can have been made: `refuse`
   * signed updates, or `ignoreExpiry`. Default: `refuse`.
   */
  readonly unknownTime?: 'refuse' | 'ignoreExpiry' | undefined
  /** A time that lies behind for sure, such as the time at which this software was built. Default: the first of July 2026. */
  readonly earliestTime?: Date | undefined
  /**
   * Told what a hook of the target has thrown; the back end gets no word of it, unless it is a `FirmwareError`.
   *
   * @default nobody is told
   */
  readonly onError?: ((error: unknown) => void) | undefined
  /** @default the clock of this machine */
  readonly clock?: Clock | undefined
}

/** The options with their defaults in place. */
export type FirmwareSettings = Required<{
  readonly [TName in keyof FirmwareUpdateOptions]: Exclude<FirmwareUpdateOptions[TName], undefined>
}>

/**
 * Puts the defaults in the place of what was left out.
 *
 * @throws RangeError, TypeError naming the option, what was expected and what came
 */
export function firmwareSettings(options: FirmwareUpdateOptions): FirmwareSettings {
  const { directory, trust, device, download = imageDownloader() } = options
  if (typeof directory !== 'string' || directory === '') throw new TypeError('directory: expected the path of a folder')
  if (typeof download !== 'function') throw new TypeError('download: expected a function made by imageDownloader')
  if (typeof device?.model !== 'string') throw new TypeError('device.model: expected a text')
  return {
    directory,
    trust: checkedTrust(trust),
    device,
    download,
    maxSizeInBytes: integer('maxSizeInBytes', options.maxSizeInBytes ?? 2 ** 30, Number.MAX_SAFE_INTEGER),
    confirmTimeoutInMs: integer('confirmTimeoutInMs', options.confirmTimeoutInMs ?? 300_000, longestTimeoutInMs),
    maxTrials: integer('maxTrials', options.maxTrials ?? 3, 100),
    restartTimeoutInMs: integer('restartTimeoutInMs', options.restartTimeoutInMs ?? 300_000, longestTimeoutInMs),
    freshUrlTimeoutInMs: integer('freshUrlTimeoutInMs', options.freshUrlTimeoutInMs ?? 600_000, longestTimeoutInMs),
    maxFailures: integer('maxFailures', options.maxFailures ?? 3, 1000),
    unknownTime: options.unknownTime ?? 'refuse',
    earliestTime: options.earliestTime ?? new Date('2026-07-01T00:00:00Z'),
    onError: options.onError ?? (() => {}),
    clock: options.clock ?? systemClock,
  }
}

function checkedTrust(trust: FirmwareTrust): FirmwareTrust {
  if (typeof trust === 'object' && trust !== null && 'keySet' in trust) {
    const parsed = parseFirmwareKeySet(JSON.stringify(trust.keySet))
    if (!parsed.valid) throw new TypeError(`trust.keySet: ${describeIssues(parsed.issues)}`)
    return trust
  }
  if (typeof trust !== 'object' || trust?.unsigned !== unsignedInSoManyWords) {
    throw new TypeError(`trust: expected a keySet, or unsigned: '${unsignedInSoManyWords}'`)
  }
  return trust
}

function integer(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new RangeError(`${name}: expected an integer from 1 to ${most}, got ${value}`)
}
