import type { JsonObject } from '@iothub-dm/protocol'

/**
 * A hub configuration: what the hub makes all devices of a condition desire, now and later ("automatic device management"). Where
 * several want the same path, the highest priority wins.
 */
export interface HubConfiguration {
  readonly id: string
  /** As IoT Hub's query language has it. */
  readonly targetCondition: string
  readonly priority: number
  /** What it writes, by path. */
  readonly deviceContent: JsonObject
  readonly labels: Readonly<Record<string, string>>
  readonly etag: string
  /** ISO 8601, UTC. */
  readonly createdTime: string | undefined
  /** ISO 8601, UTC. */
  readonly lastUpdatedTime: string | undefined
  /** Devices that the condition takes in, as of the last evaluation, which is every five minutes; undefined before the first. */
  readonly targeted: number | undefined
  /** Devices whose desired properties it has written, as of the last evaluation. */
  readonly applied: number | undefined
  /** The metrics of its own: what each asks, and how many devices it found at the last evaluation. */
  readonly metrics: Readonly<Record<string, { readonly query: string; readonly devices: number | undefined }>>
}
