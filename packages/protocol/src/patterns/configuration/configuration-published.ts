import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts'

/** What Microsoft's samples, or older software, reported about a configuration, in a shape that is not ours. */
export interface PublishedConfiguration {
  /** Which published shape it is. */
  readonly variant: 'status' | 'plain' | 'last-desired-status'
  readonly state: 'pending' | 'applied' | 'failed'
  /** The value in use, where it is told. */
  readonly value?: JsonValue
  /** The value that is being applied, where it is told. */
  readonly pending?: JsonValue
  /** The `$version` of the desired properties, where it is told. */
  readonly version?: number
  /** The device's own word for the state, or the description of it. */
  readonly detail?: string
}

/**
 * Every shape in which Microsoft's pages report a configuration, other than the acknowledgement of Plug and Play: `status` and
 * `pendingConfig` beside the values (device twins guide, query language, twin configuration tutorial, automatic device
 * management sample), the bare values (device twins tutorial), and `lastDesiredStatus` (automatic management of modules).
 *
 * @param name of the section
 * @param reported the reported properties
 */
export function decodePublishedConfiguration(name: string, reported: JsonObject): PublishedConfiguration | undefined {
  const section = member(reported, name)
  if (isJsonObject(section) && typeof section.status === 'string') return fromStatus(section, section.status)
  if (section !== undefined) return { variant: 'plain', state: 'applied', value: section }
  return fromLastDesiredStatus(reported)
}

function fromStatus(section: JsonObject, word: string): PublishedConfiguration {
  const { status: _, pendingConfig, ...values } = section
  const state = stateOfWord(word)
  const { error, ...others } = values
  const reason =
    state === 'failed' && isJsonObject(error) && typeof error.message === 'string' ? error.message : undefined
  return {
    variant: 'status',
    state,
    value: reason === undefined ? values : others,
    ...(pendingConfig === undefined ? {} : { pending: pendingConfig }),
    detail: reason ?? word,
  }
}

/** The pages write the words with a capital or without; every other word tells an error (device twins guide). */
function stateOfWord(word: string): PublishedConfiguration['state'] {
  switch (word.toLowerCase()) {
    case 'success':
    case 'current':
      return 'applied'
    case 'pending':
      return 'pending'
    default:
      return 'failed'
  }
}

function fromLastDesiredStatus(reported: JsonObject): PublishedConfiguration | undefined {
  const status = member(reported, 'lastDesiredStatus')
  if (!isJsonObject(status) || typeof status.code !== 'number') return undefined
  const version = member(reported, 'lastDesiredVersion')
  return {
    variant: 'last-desired-status',
    state: status.code === 200 ? 'applied' : status.code === 202 ? 'pending' : 'failed',
    ...(typeof version === 'number' ? { version } : {}),
    ...(typeof status.description === 'string' ? { detail: status.description } : {}),
  }
}

function member(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
