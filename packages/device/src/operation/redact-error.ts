import { inspect } from 'node:util'
import { type JsonObject, redactText } from '@iothub-dm/protocol'

/**
 * An error that is fit for a log: one that holds a secret of the request, wherever in it, is replaced by one that says the same
 * without.
 */
export function redactError(error: unknown, secrets: JsonObject): unknown {
  if (Object.keys(secrets).length === 0) return error
  const text = inspect(error, { depth: 10, maxStringLength: null, maxArrayLength: null, breakLength: Infinity })
  const redacted = redactText(text, secrets)
  if (redacted === text) return error
  const replacement = new Error(redactText(error instanceof Error ? error.message : String(error), secrets))
  if (error instanceof Error) replacement.name = error.name
  replacement.stack = redacted
  return replacement
}
