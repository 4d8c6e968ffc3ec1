import type { StandardSchemaV1 } from '@standard-schema/spec'

/**
 * Any schema that follows Standard Schema 1: zod, valibot, arktype and others. `TInput` is what travels on the wire,
 * `TOutput` what the receiving side gets to see.
 */
export type Schema<TInput = unknown, TOutput = TInput> = StandardSchemaV1<TInput, TOutput>

/** The wire type of a schema; `undefined` where there is no schema. */
export type InputOf<TSchema extends Schema | undefined> = TSchema extends Schema
  ? StandardSchemaV1.InferInput<TSchema>
  : undefined

/** The type that a schema makes of a valid wire value; `undefined` where there is no schema. */
export type OutputOf<TSchema extends Schema | undefined> = TSchema extends Schema
  ? StandardSchemaV1.InferOutput<TSchema>
  : undefined
