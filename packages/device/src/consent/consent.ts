import type { AdmissionRequest } from '../operation/admission-gate.ts'

/** An operation that somebody has to agree to. */
export type ConsentRequest = AdmissionRequest

/** What somebody says about an operation. */
export type ConsentDecision =
  /** It may begin. Kept in mind: nobody is asked again, also after a restart. */
  | 'granted'
  /** It must not: it ends as `rejected` with `AdmissionRefused`. */
  | 'denied'
  /** Nobody has decided yet. */
  | { readonly askAgainAt: Date }

/** Given to a {@link ConsentHook} beside the operation. */
export interface ConsentContext {
  /** Aborted when the operation is cancelled or expires, or the agent closes. */
  readonly signal: AbortSignal
}

/**
 * Asks whether an operation may begin: a user at the device, a machine that must not be stopped now. Called before the first life
 * of its handler, and again after a restart unless it was granted.
 */
export type ConsentHook = (
  operation: ConsentRequest,
  context: ConsentContext,
) => ConsentDecision | Promise<ConsentDecision>
