import type { FirmwareManifest } from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'
import type { FirmwareSettings } from '../firmware-options.ts'

/** So far a clock may be behind what was seen before, as after a change of its battery, and still be taken for right. */
const toleranceInMs = 24 * 60 * 60 * 1000

/**
 * An old manifest must not be kept back and brought up later (a freeze, in the words of TUF). Time never runs backwards: what was seen
 * once counts, whatever the clock says now.
 *
 * @param seenTimeInMs it was at least so late already, in milliseconds since 1970
 * @throws FirmwareError `ManifestExpired`, `TimeUnknown`
 */
export function checkExpiry(
  { expires }: Pick<FirmwareManifest, 'expires'>,
  seenTimeInMs: number,
  { clock, earliestTime, unknownTime }: Pick<FirmwareSettings, 'clock' | 'earliestTime' | 'unknownTime'>,
): void {
  const nowInMs = clock.now()
  const earliestInMs = Math.max(seenTimeInMs, earliestTime.getTime())
  if (Date.parse(expires) <= Math.max(nowInMs, earliestInMs)) {
    throw new FirmwareError('ManifestExpired', `the manifest expired at ${expires}`)
  }
  if (nowInMs < earliestInMs - toleranceInMs && unknownTime === 'refuse') {
    throw new FirmwareError(
      'TimeUnknown',
      `the clock says ${describe(nowInMs)}, and it was ${describe(earliestInMs)} before`,
    )
  }
}

function describe(timeInMs: number): string {
  return new Date(timeInMs).toISOString()
}
