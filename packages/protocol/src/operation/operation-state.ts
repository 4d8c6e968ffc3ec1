/** The life cycle of an operation. */
export const operationState = {
  /** Durable on the device, not yet begun. */
  accepted: 'accepted',
  /** Held back: a maintenance window, a consent, a deferral. */
  waiting: 'waiting',
  running: 'running',
  /** The device is about to restart, or is away, restarting. */
  restarting: 'restarting',
  succeeded: 'succeeded',
  failed: 'failed',
  /** The device decided against it before it did anything. */
  rejected: 'rejected',
  cancelled: 'cancelled',
  /** Its time ran out before it began. */
  expired: 'expired',
} as const

/** A state of the life cycle of an operation. */
export type OperationState = (typeof operationState)[keyof typeof operationState]

/** Which states may follow which; none follows a terminal state. */
export const legalTransitions: { readonly [TState in OperationState]: readonly OperationState[] } = {
  accepted: ['waiting', 'running', 'failed', 'rejected', 'cancelled', 'expired'],
  waiting: ['waiting', 'running', 'failed', 'rejected', 'cancelled', 'expired'],
  running: ['waiting', 'running', 'restarting', 'succeeded', 'failed', 'rejected', 'cancelled'],
  restarting: ['running', 'restarting', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  rejected: [],
  cancelled: [],
  expired: [],
}

/** A state that an operation does not leave any more. */
export type TerminalState = 'succeeded' | 'failed' | 'rejected' | 'cancelled' | 'expired'

/** Tells whether an operation in this state is over. */
export function isTerminalState(state: OperationState): state is TerminalState {
  return legalTransitions[state].length === 0
}

/** Tells whether a value is one of the states. */
export function isOperationState(value: unknown): value is OperationState {
  return typeof value === 'string' && Object.hasOwn(operationState, value)
}
