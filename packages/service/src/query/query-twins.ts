import type { Clock } from '../clock/clock.ts'
import type { DeviceTwin, QueryCalls } from '../hub/iot-hub.ts'
import { parseDeviceTwin } from '../hub/parse-hub-answer.ts'
import type { Condition } from './condition.ts'
import { type Paged, paged } from './paged.ts'
import { readPages } from './read-pages.ts'

/** Finds the twins of the devices that a condition takes in, or of all. */
export function queryTwins(hub: QueryCalls, clock: Clock, condition: Condition<never> | undefined): Paged<DeviceTwin> {
  const text = `SELECT * FROM devices${condition === undefined ? '' : ` WHERE ${condition.text}`}`
  return paged(async function* (options) {
    for await (const rows of readPages(hub, clock, text, options)) {
      yield rows.map(row => parseDeviceTwin({ description: 'query', effect: 'none' }, row))
    }
  })
}
