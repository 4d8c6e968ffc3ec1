import type { Schema } from '../../schema/standard-schema.ts'
import { type Validation, validate } from '../../schema/validate.ts'

const maxLength = 16_384

/** Reads JSON of bounded length, and holds it against a schema. */
export function parseDocument<TOutput>(text: string, schema: Schema<unknown, TOutput>): Validation<TOutput> {
  if (text.length > maxLength) return invalid(`must have at most ${maxLength} characters`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return invalid('must be JSON')
  }
  return validate(schema, value, 'document')
}

function invalid(message: string): Validation<never> {
  return { valid: false, issues: [{ path: [], message }] }
}
