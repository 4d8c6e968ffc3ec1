import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import type { Issue } from '../schema/issues.ts'
import { type Validation, validate } from '../schema/validate.ts'
import type { ActionDefinition, ActionRequestOutput } from './action.ts'

/** Stands where a secret was taken out of a text. */
export const redacted = '[secret]'

/** A shorter text turns up by chance in any other. */
const shortestSecret = 4
/** A parameter of a URL that is shorter is a version or a date; signatures are longer. */
const shortestParameter = 16

/** A request in two parts: what may be seen, and what must not. */
export interface DividedRequest {
  /** The request without its secrets. */
  readonly open: JsonValue
  /** The secrets that it came with, by their names. */
  readonly secrets: JsonObject
}

/**
 * Takes the secrets out of a request.
 *
 * @param secrets names of members, see `ActionOptions.secrets`
 */
export function divideRequest(request: JsonValue, secrets: readonly string[]): DividedRequest {
  if (!isJsonObject(request) || secrets.length === 0) return { open: request, secrets: {} }
  const members = Object.entries(request)
  return {
    open: Object.fromEntries(members.filter(([name]) => !secrets.includes(name))),
    secrets: Object.fromEntries(members.filter(([name]) => secrets.includes(name))),
  }
}

/** Puts the secrets of a request back in their place. */
export function joinRequest({ open, secrets }: DividedRequest): JsonValue {
  return isJsonObject(open) ? { ...open, ...secrets } : open
}

/** Takes the texts of secrets out of another text, such as the message of an error. */
export function redactText(text: string, secrets: JsonObject): string {
  return textsOf(secrets).reduce((rest, secret) => rest.replaceAll(secret, redacted), text)
}

/** Tells whether any text of the secrets, of at least four characters, stands in a JSON text. */
export function holdsSecret(json: string, secrets: JsonObject): boolean {
  return textsOf(secrets).some(secret => json.includes(JSON.stringify(secret).slice(1, -1)))
}

/**
 * Holds a request against the schema of its action. Schema libraries like to quote what they have got; what is said about a
 * secret does not.
 *
 * @param request whole, with its secrets
 * @param item what the schema belongs to, for the error
 * @throws TypeError when the schema turns out to be asynchronous
 */
export function validateActionRequest<TAction extends ActionDefinition>(
  action: TAction,
  request: unknown,
  item: string,
): Validation<ActionRequestOutput<TAction>>
export function validateActionRequest(action: ActionDefinition, request: unknown, item: string): Validation<unknown> {
  const checked = validate(action.request, request, item)
  if (checked.valid || action.secrets.length === 0) return checked
  const { secrets } = divideRequest(isJsonObject(request) ? request : null, action.secrets)
  return { valid: false, issues: checked.issues.map(issue => redactIssue(issue, action.secrets, secrets)) }
}

function redactIssue({ path, message }: Issue, names: readonly string[], secrets: JsonObject): Issue {
  const about = path[0]
  const secret = typeof about === 'string' && names.includes(about)
  return { path, message: secret ? 'breaks the schema' : redactText(message, secrets) }
}

/** Every text in the secrets, the longest first, so that none is left over of one that holds another. */
function textsOf(value: JsonValue | undefined): readonly string[] {
  const texts: string[] = []
  const collect = (item: JsonValue | undefined) => {
    if (typeof item === 'string') texts.push(...[item].filter(isLongEnough), ...parametersOf(item))
    else if (typeof item === 'object' && item !== null) for (const inner of Object.values(item)) collect(inner)
  }
  collect(value)
  return texts.toSorted((left, right) => right.length - left.length)
}

function isLongEnough(text: string): boolean {
  return text.length >= shortestSecret
}

/** The query of a URL, and what its parameters are: an error may quote a part of a URL, and the signature alone opens it. */
function parametersOf(text: string): readonly string[] {
  const [, query] = /^[a-z][a-z0-9+.-]*:\/\/[^?#]*\?([^#]+)/i.exec(text) ?? []
  if (query === undefined) return []
  const values = query.split('&').map(parameter => parameter.slice(parameter.indexOf('=') + 1))
  return [query, ...values, ...values.map(decoded)].filter(value => value.length >= shortestParameter)
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
