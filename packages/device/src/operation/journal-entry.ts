import { isJsonObject, type JsonValue, type OperationEvent, type OperationRecord } from '@iothub-dm/protocol'

/** What the journal holds about operations. Their state is a pure function of these entries, see `applyEntry`. */
export type JournalEntry =
  /** An operation was accepted; durable before the caller is told. */
  | {
      readonly type: 'accepted'
      readonly operationId: string
      readonly action: string
      readonly request: JsonValue
      readonly expiresAt?: string
      readonly time: string
    }
  /** Something happened to it that shows in its record. */
  | { readonly type: 'event'; readonly operationId: string; readonly event: OperationEvent }
  | {
      readonly type: 'stepBegun'
      readonly operationId: string
      readonly step: string
      /** It must not be repeated when it is cut off. */
      readonly once?: true
    }
  | { readonly type: 'stepDone'; readonly operationId: string; readonly step: string; readonly result?: JsonValue }
  /** A restart got further. */
  | {
      readonly type: 'restart'
      readonly operationId: string
      readonly name: string
      readonly progress: RestartProgress
      readonly bootId: string
      readonly time: string
    }
  /** The handler put itself off until a time; the first entry under a name counts. */
  | {
      readonly type: 'deferred'
      readonly operationId: string
      readonly name: string
      readonly until: string
      readonly detail: string
      readonly time: string
    }
  | { readonly type: 'cancelRequested'; readonly operationId: string }
  /** From here on it cannot be cancelled; the one of `cancelRequested` and this that comes first counts. */
  | { readonly type: 'pointOfNoReturn'; readonly operationId: string }
  /** The agent closed in good order while the handler was at work: this life does not count as one that got no further. */
  | { readonly type: 'suspended'; readonly operationId: string }
  /** The hub has confirmed the terminal state. */
  | { readonly type: 'reported'; readonly operationId: string }
  /** What compaction leaves of an operation that is over. */
  | {
      readonly type: 'finished'
      readonly operationId: string
      readonly action: string
      readonly requestDigest: string
      readonly expiresAt?: string
      readonly record: OperationRecord
      readonly reported: boolean
    }

/** What is left of an operation that is over. */
export type FinishedEntry = Extract<JournalEntry, { type: 'finished' }>

/**
 * How far a restart is. `intended`: the device will restart; `begun`: it was told to; `observed`: a new boot id proves it;
 * `notObserved`: given up on.
 */
export type RestartProgress = 'intended' | 'begun' | 'observed' | 'notObserved'

const entryTypes: readonly string[] = [
  'accepted',
  'event',
  'stepBegun',
  'stepDone',
  'restart',
  'deferred',
  'cancelRequested',
  'pointOfNoReturn',
  'suspended',
  'reported',
  'finished',
] satisfies readonly JournalEntry['type'][]

/**
 * Takes JSON from the journal as an entry. The journal's checksums and version vouch for what is inside; this only tells a
 * foreign file apart.
 *
 * @throws TypeError when it is not an entry
 */
export function parseJournalEntry(value: unknown): JournalEntry {
  if (!isJournalEntry(value)) throw new TypeError('expected a journal entry of an operation')
  return value
}

function isJournalEntry(value: unknown): value is JournalEntry {
  return (
    isJsonObject(value) &&
    typeof value.operationId === 'string' &&
    typeof value.type === 'string' &&
    entryTypes.includes(value.type)
  )
}
