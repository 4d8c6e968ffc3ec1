import type { JsonValue } from '../json/json-value.ts'
import type { OperationError } from './operation-record.ts'

interface Timed {
  /** ISO 8601, UTC. */
  readonly time: string
}

/** What can happen to an operation. The record is a pure function of the events so far, see `reduceOperation`. */
export type OperationEvent =
  | (Timed & { readonly type: 'accepted'; readonly operationId: string })
  | (Timed & { readonly type: 'waiting'; readonly detail?: string })
  /** A life of the handler begins, the first or the next after a restart or crash; or a restart that did not come is over. */
  | (Timed & { readonly type: 'started'; readonly attempt: number; readonly detail?: string })
  | (Timed & { readonly type: 'phase'; readonly phase: string })
  | (Timed & {
      readonly type: 'progress'
      /** 0 to 100, within the phase. */
      readonly percent: number
      readonly detail?: string
      /**
       * The phase that the handler is in, `running` before its first. A handler that runs again from the top goes through
       * phases that are over: their progress changes nothing. Left out: the current phase.
       */
      readonly phase?: string
    })
  /** The device is about to restart. */
  | (Timed & { readonly type: 'restarting' })
  | (Timed & { readonly type: 'succeeded'; readonly result?: JsonValue })
  | (Timed & { readonly type: 'failed'; readonly error: OperationError })
  | (Timed & { readonly type: 'rejected'; readonly error: OperationError })
  | (Timed & { readonly type: 'cancelled' })
  | (Timed & { readonly type: 'expired' })
