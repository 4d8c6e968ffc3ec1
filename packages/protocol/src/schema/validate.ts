import { type Issue, normaliseIssues } from './issues.ts'
import type { OutputOf, Schema } from './standard-schema.ts'

/** What became of a value that was held against a schema. */
export type Validation<TOutput> =
  | { readonly valid: true; readonly value: TOutput }
  | { readonly valid: false; readonly issues: readonly Issue[] }

/**
 * Holds a value against a schema.
 *
 * @param schema where it is undefined, only an absent value (`undefined` or `null`) is valid
 * @param value what came in
 * @param item what the schema belongs to, for the error, such as `request of method getLogs`
 * @throws TypeError when the schema turns out to be asynchronous: the answer to a direct method has to be known at once
 */
export function validate<TSchema extends Schema | undefined>(
  schema: TSchema,
  value: unknown,
  item: string,
): Validation<OutputOf<TSchema>>
export function validate(schema: Schema | undefined, value: unknown, item: string): Validation<unknown> {
  if (schema === undefined) {
    return value === undefined || value === null
      ? { valid: true, value: undefined }
      : { valid: false, issues: [{ path: [], message: 'no value is expected here' }] }
  }
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) {
    // Its outcome is of no interest any more, but it must not surface as an unhandled rejection.
    result.catch(() => {})
    throw asynchronousSchema(item)
  }
  return result.issues === undefined
    ? { valid: true, value: result.value }
    : { valid: false, issues: normaliseIssues(result.issues) }
}

/**
 * Refuses what is not a Standard Schema, or is one that always works asynchronously.
 *
 * @param schema what a definition was given
 * @param item what it belongs to, for the error
 * @throws TypeError naming the item
 */
export function checkSchema(schema: Schema, item: string): void {
  const standard: unknown = Reflect.get(Object(schema), '~standard')
  if (typeof standard !== 'object' || standard === null || typeof Reflect.get(standard, 'validate') !== 'function') {
    throw new TypeError(`${item} must be a Standard Schema (zod, valibot, arktype ...), got ${typeof schema}`)
  }
  let result: unknown
  try {
    result = schema['~standard'].validate(undefined)
  } catch {
    return // a transform that cannot take undefined says nothing about being asynchronous
  }
  if (result instanceof Promise) {
    result.catch(() => {})
    throw asynchronousSchema(item)
  }
}

function asynchronousSchema(item: string): TypeError {
  return new TypeError(`${item} has an asynchronous schema; only synchronous schemas can be used in a contract`)
}
