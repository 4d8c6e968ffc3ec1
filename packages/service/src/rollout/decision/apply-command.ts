import type { RolloutPlan } from '../plan/rollout-plan.ts'
import type { RolloutState } from './rollout-state.ts'

/** What a person, or a program for them, may tell a rollout. */
export type RolloutCommand =
  /** Lets the wave begin that waits for it. */
  | { readonly type: 'approve' }
  | { readonly type: 'pause'; readonly reason: string }
  /** Goes on after a pause, or in spite of a gate: gates do not judge again before the next wave. */
  | { readonly type: 'resume' }
  /** Ends the rollout; what is under way on devices is cancelled by the controller. */
  | { readonly type: 'abort' }
  /** Begins again what failed, as an operation of its own. */
  | { readonly type: 'retryFailed' }
  /** Sends the devices that were started the request that undoes it. */
  | { readonly type: 'rollBack' }

/** Why a command was not obeyed. */
export interface CommandRefusal {
  readonly refused: string
}

/** The state that a command leads to; pure. */
export function applyCommand(
  plan: RolloutPlan,
  state: RolloutState,
  command: RolloutCommand,
  nowInMs: number,
): RolloutState | CommandRefusal {
  const time = new Date(nowInMs).toISOString()
  if (state.phase === 'over' && command.type !== 'rollBack') return { refused: `the rollout is over: ${state.ending}` }
  switch (command.type) {
    case 'approve':
      if (state.phase !== 'awaitingApproval') return { refused: 'no wave waits for an approval' }
      return { ...state, phase: 'starting', phaseTime: time }
    case 'pause':
      if (state.hold !== undefined) return { refused: `the rollout is held already: ${state.hold.reason}` }
      return { ...state, hold: { cause: 'operator', reason: command.reason, time } }
    case 'resume':
      if (state.hold === undefined) return { refused: 'the rollout is not held' }
      return state.hold.cause === 'gate' ? { ...withoutHold(state), overruledWave: state.wave } : withoutHold(state)
    case 'abort':
      return { ...withoutHold(state), phase: 'over', phaseTime: time, ending: 'aborted' }
    case 'retryFailed':
      if (state.attempt >= plan.maxTries) return { refused: `what failed was tried ${state.attempt} times` }
      return state.phase === 'awaitingApproval'
        ? { ...withoutHold(state), attempt: state.attempt + 1 }
        : { ...withoutHold(state), attempt: state.attempt + 1, phase: 'starting', phaseTime: time }
    case 'rollBack':
      if (plan.rollbackRequest === undefined) return { refused: 'the plan has no request for a rollback' }
      if (state.leg === 'back') return { refused: 'the rollout is being rolled back already' }
      return rolledBack(state, time)
  }
}

function rolledBack(state: RolloutState, time: string): RolloutState {
  const { ending: _ending, ...rest } = withoutHold(state)
  // One wave of all devices; those that were never started have nothing to undo.
  return { ...rest, leg: 'back', phase: 'starting', phaseTime: time, waveStart: 0, waveEnd: 1, attempt: 1 }
}

function withoutHold(state: RolloutState): RolloutState {
  const { hold: _hold, ...rest } = state
  return rest
}
