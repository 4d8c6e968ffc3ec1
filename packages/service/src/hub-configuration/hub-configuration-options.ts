import type { Contract } from '@iothub-dm/protocol'
import type { HubCallOptions } from '../hub/iot-hub.ts'
import type { Condition } from '../query/condition.ts'

/** What a hub configuration is made of beside its content. */
export interface HubConfigurationOptions<TContract extends Contract = Contract> extends HubCallOptions {
  /** Which devices, now and later; it may ask about device ids, tags and reported properties. All, when it is left out. */
  readonly condition?: Condition<TContract> | undefined
  /**
   * An integer from 0. Where several configurations want the same path, the highest wins, and of those the newest.
   *
   * @default 0
   */
  readonly priority?: number | undefined
  /** Devices to count, beside the metrics that come with the content; five in all at most. */
  readonly metrics?: Readonly<Record<string, Condition<TContract>>> | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

const maxMetrics = 5

/**
 * Checks an id against the hub's rule (wire reference 6.1).
 *
 * @throws RangeError
 */
export function checkConfigurationId(id: string): void {
  if (!/^[a-z0-9\-+%_*!']{1,128}$/.test(id)) {
    throw new RangeError(`id: expected 1 to 128 of a-z, 0-9 and - + % _ * ! ', got ${JSON.stringify(id)}`)
  }
}

/** @throws RangeError */
export function checkPriority(priority: number): void {
  if (!Number.isInteger(priority) || priority < 0) {
    throw new RangeError(`priority: expected an integer from 0, got ${priority}`)
  }
}

/** @throws RangeError */
export function checkMetrics(metrics: Readonly<Record<string, unknown>>): void {
  const count = Object.keys(metrics).length
  if (count > maxMetrics) throw new RangeError(`metrics: expected at most ${maxMetrics}, got ${count}`)
}

/** The query of a metric: devices on which the configuration is applied, and that a condition takes in. */
export function metricQuery(id: string, condition: string): string {
  return `SELECT deviceId FROM devices WHERE configurations.[[${id}]].status='Applied' AND ${condition}`
}
