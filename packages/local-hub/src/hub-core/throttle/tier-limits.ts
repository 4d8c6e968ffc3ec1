import type { ResolvedTier, TierName } from './hub-tier.ts'
import type { OperationKind } from './operation.ts'

/** The limits of a hub of one tier and size. */
export interface TierLimits {
  /** How many operations of each kind the hub takes a second. A direct method counts once for every 4 KB of its request. */
  readonly operationsPerSecond: Readonly<Record<OperationKind, number>>
  readonly concurrentJobs: number
  readonly messagesPerDay: number
  /** What is billed as one message. */
  readonly messageSizeInBytes: number
}

/** A tier's column in the tables of "IoT Hub quotas and throttling", for this many units. */
type TierColumn = (units: number) => TierLimits

const perMinute = (operations: number): number => operations / 60
const meterInBytes = 4 * 1024

const smallColumn =
  (messagesPerDay: number, messageSizeInBytes: number): TierColumn =>
  units => ({
    operationsPerSecond: {
      identityOperation: perMinute(100 * units),
      twinRead: 100,
      twinUpdate: 50,
      directMethod: 40 * units,
      query: perMinute(20 * units),
      jobOperation: perMinute(100 * units),
      jobDeviceOperation: 10,
      configurationOperation: perMinute(20 * units),
      deviceConnection: Math.max(100, 12 * units),
      telemetry: Math.max(100, 12 * units),
      cloudToDevice: perMinute(100 * units),
    },
    concurrentJobs: 1,
    messagesPerDay: messagesPerDay * units,
    messageSizeInBytes,
  })

const columns: Readonly<Record<TierName, TierColumn>> = {
  F1: smallColumn(8000, 512),
  S1: smallColumn(400_000, meterInBytes),
  S2: units => ({
    operationsPerSecond: {
      identityOperation: perMinute(100 * units),
      twinRead: Math.max(100, 10 * units),
      twinUpdate: Math.max(50, 5 * units),
      directMethod: 120 * units,
      query: perMinute(20 * units),
      jobOperation: perMinute(100 * units),
      jobDeviceOperation: Math.max(10, units),
      configurationOperation: perMinute(20 * units),
      deviceConnection: 120 * units,
      telemetry: 120 * units,
      cloudToDevice: perMinute(100 * units),
    },
    concurrentJobs: 5,
    messagesPerDay: 6_000_000 * units,
    messageSizeInBytes: meterInBytes,
  }),
  S3: units => ({
    operationsPerSecond: {
      identityOperation: perMinute(5000 * units),
      twinRead: 500 * units,
      twinUpdate: 250 * units,
      directMethod: 6000 * units,
      query: perMinute(1000 * units),
      jobOperation: perMinute(5000 * units),
      jobDeviceOperation: 50 * units,
      configurationOperation: perMinute(20 * units),
      deviceConnection: 6000 * units,
      telemetry: 6000 * units,
      cloudToDevice: perMinute(5000 * units),
    },
    concurrentJobs: 10,
    messagesPerDay: 300_000_000 * units,
    messageSizeInBytes: meterInBytes,
  }),
}

/** What the published tables say for a tier. */
export function tierLimits({ name, units }: ResolvedTier): TierLimits {
  return columns[name](units)
}

/** How much of its rate an operation uses up: methods by the 4 KB of their request, everything else one by one. */
export function throttleCost(kind: OperationKind, requestSizeInBytes: number): number {
  return kind === 'directMethod' ? Math.max(1, Math.ceil(requestSizeInBytes / meterInBytes)) : 1
}
