import { judge } from '../gate/gate.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import { waveEnd } from '../plan/wave.ts'
import type { RolloutDecision } from './rollout-decision.ts'
import type { RolloutState } from './rollout-state.ts'
import { countOutcomes, type OutcomeCounts, type RolloutDevice, tallyOf } from './tally.ts'

/** What a controller sees of its rollout at one moment. */
export interface RolloutView {
  /** All devices of the target, by cohort in ascending order. */
  readonly devices: readonly RolloutDevice[]
  /** Milliseconds since 1970. */
  readonly nowInMs: number
  /** How many devices the pace and the limits of the hub let start now. */
  readonly allowance: number
}

/** What to do next. */
export interface Step {
  /** To be stored before anything else of the step is done; the same object when nothing changed. */
  readonly state: RolloutState
  /** Devices to start, in this order. */
  readonly start: readonly RolloutDevice[]
  readonly decisions: readonly RolloutDecision[]
}

/** The state in which a rollout begins. */
export function initialState(plan: RolloutPlan, view: Pick<RolloutView, 'devices' | 'nowInMs'>): RolloutState {
  const [first] = plan.waves
  if (first === undefined) throw new TypeError('a plan has at least one wave')
  return {
    phase: first.needsApproval ? 'awaitingApproval' : 'starting',
    phaseTime: timeText(view.nowInMs),
    leg: 'forward',
    wave: 0,
    ...extent(first, 0, view),
    attempt: 1,
    isProven: false,
  }
}

/**
 * Decides what a rollout does next. Pure: the same plan, state and view give the same step, in whatever process.
 *
 * No device is started in a step that holds the rollout, and none that lies beyond the wave whose opening was stored.
 */
export function decide(plan: RolloutPlan, state: RolloutState, view: RolloutView): Step {
  const decisions: RolloutDecision[] = []
  let current = state
  // A step may lead on to another one, through waves in which nothing is left to do; each moves the rollout forward.
  for (;;) {
    const next = advance(plan, current, view, decisions)
    if (next === current) break
    current = next
  }
  return { state: current, start: devicesToStart(plan, current, state, view), decisions }
}

function advance(
  plan: RolloutPlan,
  state: RolloutState,
  view: RolloutView,
  decisions: RolloutDecision[],
): RolloutState {
  const { devices, nowInMs } = view
  if (state.phase === 'over') return state
  if (nowInMs >= Date.parse(plan.endTime)) return end(state, 'expired', view, decisions)
  if (state.hold !== undefined) return state
  const inRollout = countOutcomes(devices, 0, state.waveEnd)
  const inWave = countOutcomes(devices, state.waveStart, state.waveEnd)
  const isOverruled = state.overruledWave === state.wave
  const closed = isOverruled ? undefined : findClosedGate(plan, state, { wave: inWave, rollout: inRollout })
  if (closed !== undefined) {
    decisions.push(closed)
    const { gate, scope, verdict } = closed
    return held(
      state,
      `${gate.outcomes.join(' or ')}: ${verdict.bad} of ${verdict.sample} devices of the ${scope}`,
      view,
    )
  }
  if (!state.isProven && inRollout.succeeded > 0) {
    decisions.push({ type: 'proven', wave: state.wave })
    return { ...state, isProven: true }
  }
  switch (state.phase) {
    case 'awaitingApproval':
      return state
    case 'starting': {
      if (inWave.untouched > 0 || inWave.open > 0) return state
      if (!state.isProven && !isOverruled && tallyOf(inRollout).started > 0) {
        decisions.push({ type: 'nothingProven', wave: state.wave, counts: inRollout })
        return held(state, 'the first devices are over, and none has succeeded', view)
      }
      decisions.push({ type: 'waveFinished', wave: state.wave, counts: inWave })
      return { ...state, phase: 'soaking', phaseTime: timeText(nowInMs) }
    }
    case 'soaking': {
      const soakInMs = state.leg === 'forward' ? (plan.waves[state.wave]?.soakInMs ?? 0) : 0
      return nowInMs - Date.parse(state.phaseTime) < soakInMs ? state : nextWave(plan, state, view, decisions)
    }
  }
}

function findClosedGate(
  plan: RolloutPlan,
  { wave }: RolloutState,
  counts: { readonly wave: OutcomeCounts; readonly rollout: OutcomeCounts },
): Extract<RolloutDecision, { type: 'gateClosed' }> | undefined {
  for (const gate of plan.gates) {
    for (const scope of ['wave', 'rollout'] as const) {
      const verdict = judge(gate, tallyOf(counts[scope]))
      if (verdict.closed) return { type: 'gateClosed', wave, scope, gate, verdict }
    }
  }
  return undefined
}

function nextWave(
  plan: RolloutPlan,
  state: RolloutState,
  view: RolloutView,
  decisions: RolloutDecision[],
): RolloutState {
  const wave = state.wave + 1
  const next = plan.waves[wave]
  if (next === undefined || state.leg === 'back') {
    return end(state, state.leg === 'back' ? 'rolledBack' : 'completed', view, decisions)
  }
  const phaseTime = timeText(view.nowInMs)
  const opened: RolloutState = { ...state, phase: 'starting', phaseTime, wave, ...extent(next, state.waveEnd, view) }
  if (!next.needsApproval) {
    decisions.push({ type: 'waveOpened', wave, devices: devicesIn(opened, view) })
    return opened
  }
  decisions.push({ type: 'approvalAwaited', wave })
  return { ...opened, phase: 'awaitingApproval' }
}

/** Where a wave lies on the line of cohorts, as the fleet is now. */
function extent(
  wave: RolloutPlan['waves'][number],
  waveStart: number,
  view: Pick<RolloutView, 'devices'>,
): Pick<RolloutState, 'waveStart' | 'waveEnd'> {
  const cohorts = view.devices.map(({ cohort }) => cohort)
  return { waveStart, waveEnd: waveEnd(wave.size, cohorts, waveStart) }
}

function devicesToStart(
  plan: RolloutPlan,
  state: RolloutState,
  before: RolloutState,
  { devices, allowance }: RolloutView,
): readonly RolloutDevice[] {
  // What was just decided is stored first; its devices are started in the next step.
  if (state !== before || state.phase === 'over' || state.hold !== undefined) return []
  // Devices that join late are started in every phase, as far as waves are open.
  const openUpTo = state.phase === 'awaitingApproval' ? state.waveStart : state.waveEnd
  const concurrency = state.isProven || state.leg === 'back' ? plan.concurrency : 1
  const open = countOutcomes(devices, 0, 1).open
  const room = Math.min(concurrency - open, allowance)
  const start: RolloutDevice[] = []
  for (const device of devices) {
    if (start.length >= room || device.cohort >= openUpTo) break
    if (device.outcome === 'untouched') start.push(device)
  }
  return start
}

function devicesIn(state: RolloutState, { devices }: RolloutView): number {
  return devices.filter(({ cohort }) => cohort >= state.waveStart && cohort < state.waveEnd).length
}

function held(state: RolloutState, reason: string, { nowInMs }: RolloutView): RolloutState {
  return { ...state, hold: { cause: 'gate', reason, time: timeText(nowInMs) } }
}

function end(
  state: RolloutState,
  ending: NonNullable<RolloutState['ending']>,
  { devices, nowInMs }: RolloutView,
  decisions: RolloutDecision[],
): RolloutState {
  decisions.push({ type: 'ended', ending, counts: countOutcomes(devices, 0, 1) })
  return { ...state, phase: 'over', phaseTime: timeText(nowInMs), ending }
}

function timeText(nowInMs: number): string {
  return new Date(nowInMs).toISOString()
}
