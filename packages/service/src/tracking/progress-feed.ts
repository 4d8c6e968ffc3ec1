import type { JsonObject } from '@iothub-dm/protocol'

/** A change of a twin that was told by the hub. */
export interface TwinChange {
  readonly deviceId: string
  /**
   * The whole reported properties with their `$version`, where they are at hand; without them the twin is read. A notice of IoT Hub
   * (`twinChangeEvents`) holds only what has changed: leave them out then.
   */
  readonly reported?: JsonObject | undefined
}

/**
 * Tells of changes by itself, in the place of regular looks: a route of twin change events to Event Hubs, for example. It may lose some:
 * every device that is followed is still read every few minutes.
 *
 * @example
 * ```ts
 * const feed: ProgressFeed = {
 *   subscribe(onChange) {
 *     const subscription = consumer.subscribe({
 *       processEvents: async events => {
 *         for (const { systemProperties } of events) onChange({ deviceId: systemProperties?.['iothub-connection-device-id'] })
 *       },
 *       processError: async error => console.error(error),
 *     })
 *     return () => void subscription.close()
 *   },
 * }
 * ```
 */
export interface ProgressFeed {
  /** @returns ends it */
  subscribe(onChange: (change: TwinChange) => void): () => void
}
