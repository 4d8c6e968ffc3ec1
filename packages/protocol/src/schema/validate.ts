import type { JsonValue } from '../json/json-value.ts'
import { isJsonObject } from '../json/json-value.ts'
import { type Issue, normaliseIssues } from './issues.ts'
import type { OutputOf, Schema } from './standard-schema.ts'

/** What became of a value that was held against a schema. */
export type Validation<TOutput> =
  | { readonly valid: true; readonly value: TOutput }
  | { readonly valid: false; readonly issues: readonly Issue[] }

/**
 * Holds a value against a schema.
 *
 * @param schema where it is undefined, only an absent value is valid: `undefined`, `null`, or `{}`, which tools send for it
 * @param value what came in
 * @param item what the schema belongs to, for the error, such as `request of method getLogs`
 * @throws TypeError when the schema turns out to be asynchronous: the answer to a direct method has to be known at once
 * @throws what code of the schema itself throws, such as a transformation
 */
export function validate<TSchema extends Schema | undefined>(
  schema: TSchema,
  value: unknown,
  item: string,
): Validation<OutputOf<TSchema>>
export function validate(schema: Schema | undefined, value: unknown, item: string): Validation<unknown> {
  if (schema === undefined) {
    return isAbsent(value)
      ? { valid: true, value: undefined }
      : { valid: false, issues: [{ path: [], message: 'no value is expected here' }] }
  }
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) {
    // Its outcome is of no interest any more, but it must not surface as an unhandled rejection.
    result.catch(() => {})
    throw new TypeError(`${item} has a schema that is asynchronous, or whose own code throws; it must answer at once`)
  }
  return result.issues === undefined
    ? { valid: true, value: result.value }
    : { valid: false, issues: normaliseIssues(result.issues) }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (isJsonObject(value) && Object.keys(value).length === 0)
}

/**
 * Holds what came over the wire against a schema. JSON has no undefined: null there also stands for a value that was left out, which
 * a schema may allow without allowing null.
 *
 * @param payload what came in
 * @param item what the schema belongs to, for the error
 * @throws TypeError when the schema turns out to be asynchronous
 */
export function validateWire<TSchema extends Schema | undefined>(
  schema: TSchema,
  payload: JsonValue,
  item: string,
): Validation<OutputOf<TSchema>> {
  const validation = validate(schema, payload, item)
  if (validation.valid || payload !== null) return validation
  const absent = validate(schema, undefined, item)
  return absent.valid ? absent : validation
}

/**
 * Refuses what is not a Standard Schema, or is one that always works asynchronously. One that does so for some values only
 * is found out by {@link validate}.
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
  if (probes.every(probe => answersLater(schema, probe))) {
    throw new TypeError(`${item} has an asynchronous schema; only synchronous schemas can be used in a contract`)
  }
}

/** One of each kind: zod answers with a promise also where code of the schema cannot take a value and throws. */
const probes: readonly unknown[] = [undefined, null, '', 0, false, [], {}]

function answersLater(schema: Schema, value: unknown): boolean {
  try {
    const result = schema['~standard'].validate(value)
    if (!(result instanceof Promise)) return false
    result.catch(() => {})
    return true
  } catch {
    return false
  }
}
