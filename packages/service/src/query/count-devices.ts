import type { Clock } from '../clock/clock.ts'
import type { HubCallOptions, QueryCalls } from '../hub/iot-hub.ts'
import type { Condition } from './condition.ts'
import { readPages } from './read-pages.ts'

/** Counts the devices that a condition takes in, or all. */
export async function countDevices(
  hub: QueryCalls,
  clock: Clock,
  condition: Condition<never> | undefined,
  options: HubCallOptions,
): Promise<number> {
  const text = `SELECT COUNT() AS devices FROM devices${condition === undefined ? '' : ` WHERE ${condition.text}`}`
  let devices = 0
  for await (const rows of readPages(hub, clock, text, options)) {
    // One row; a hub may give none where there is nothing to count (wire reference 5.5).
    for (const row of rows) if (typeof row.devices === 'number') devices += row.devices
  }
  return devices
}
