import * as v from 'valibot'
import { isJsonObject } from '../../json/json-value.ts'
import { limits } from '../../operation/limits.ts'
import type { Schema } from '../../schema/standard-schema.ts'

/**
 * How much a factory reset takes away, each level with all of those before it. No page of Microsoft names any; these are ours.
 */
export const factoryResetLevel = {
  /** The settings are those of the factory again; what the device has recorded stays. */
  settings: 'settings',
  /** What the device has recorded is gone as well. It can still connect to the hub. */
  data: 'data',
  /** Its credentials are gone as well: the device has to be provisioned anew. */
  everything: 'everything',
} as const

/** A level of {@link factoryResetLevel}. */
export type FactoryResetLevel = (typeof factoryResetLevel)[keyof typeof factoryResetLevel]

/** What a back end asks when it asks for a factory reset. */
export interface FactoryResetRequest {
  /** How much is taken away. There is no default: whoever asks says so. */
  readonly level: FactoryResetLevel
  /**
   * Parts that the device is to keep although the level covers them, in the device's own words, such as `network`: at most 16,
   * each of 1 to 64 letters, digits, `_` or `-`. A device that cannot keep one of them changes nothing, and fails with `cannotKeep`.
   */
  readonly keep?: readonly string[] | undefined
  /** Why, for people; at most 128 characters. */
  readonly reason?: string | undefined
  /** The token with which the device was armed for this very request, see `armFactoryReset`. For every level that loses data. */
  readonly token?: string | undefined
}

const maxKept = 16

const part = v.pipe(v.string(), v.regex(new RegExp(`^[A-Za-z0-9_-]{1,${limits.nameLength}}$`), 'must be a plain word'))

const level = v.picklist(Object.values(factoryResetLevel))
const keep = v.pipe(v.array(part), v.maxLength(maxKept))

/** Members that are not known are passed over. */
export const factoryResetRequest: Schema<FactoryResetRequest, FactoryResetRequest> = v.object({
  level,
  keep: v.optional(keep),
  reason: v.optional(v.pipe(v.string(), v.maxLength(limits.detailLength))),
  token: v.optional(v.pipe(v.string(), v.maxLength(limits.detailLength))),
})

/** What became of a factory reset that succeeded. */
export interface FactoryResetResult {
  /** How much was taken away. */
  readonly level: FactoryResetLevel
  /** What the device has kept of it. */
  readonly keep: readonly string[]
  /** How many factory resets the device has begun in its life, this one among them: what it reported before came from another epoch. */
  readonly epoch: number
}

/** Schema of a {@link FactoryResetResult}. */
export const factoryResetResult: Schema<FactoryResetResult, FactoryResetResult> = v.object({
  level,
  keep,
  epoch: v.pipe(v.number(), v.integer(), v.minValue(1)),
})

/** Tells whether a request takes anything away that nobody can put back: every level but `settings`. */
export function losesData(request: unknown): boolean {
  return !isJsonObject(request) || request.level !== factoryResetLevel.settings
}
