import { type ActionDefinition, action } from '@iothub-dm/protocol'
import type { HubOperation, HubTier } from '../pacing/hub-tier.ts'
import type { AuditEntry } from '../rollout/control/audit-entry.ts'
import { attachRollout, beginRollout } from '../rollout/handle/begin-rollout.ts'
import type { RolloutHandle } from '../rollout/handle/rollout-handle.ts'
import type { RolloutSnapshot } from '../rollout/handle/rollout-snapshot.ts'
import type { UncheckedRolloutOptions } from '../rollout/plan/rollout-options.ts'
import type { FleetModel } from './fleet-model.ts'
import { type ProcessFault, SimulatedFleetHub } from './simulated-fleet-hub.ts'
import { VirtualTime } from './virtual-time.ts'

/** The policy that is rehearsed: what a rollout can be told, without the request. */
export type RehearsedPolicy = Pick<
  UncheckedRolloutOptions,
  'waves' | 'pace' | 'concurrency' | 'gates' | 'silentAfterInMs' | 'overdueAfterInMs' | 'maxTries'
>

/** How a rollout is rehearsed. */
export interface RehearsalOptions {
  /**
   * The same seed gives the same rehearsal.
   *
   * @default 1
   */
  readonly seed?: number | undefined
  /** @default one unit of S1 */
  readonly tier?: HubTier | undefined
  /**
   * The part of the hub's limits that the rollout uses.
   *
   * @default 1
   */
  readonly budgetShare?: number | undefined
  /**
   * Processes that carry the rollout out, one standing by for the other.
   *
   * @default 1
   */
  readonly controllers?: number | undefined
  /**
   * After how many of its writes each process is killed, the first one first; another process then attaches. `after` kills it when the
   * hub has the write, before the process knows.
   */
  readonly kills?: readonly { readonly write: number; readonly moment: 'before' | 'after' }[] | undefined
  /** @default 5_000 */
  readonly observeIntervalInMs?: number | undefined
  /**
   * Given up after so much virtual time, in milliseconds.
   *
   * @default three days
   */
  readonly longestInMs?: number | undefined
  /**
   * Whether the rehearsal ends when a gate holds the rollout: somebody would have to come.
   *
   * @default true
   */
  readonly endsHeld?: boolean | undefined
  /** Called whenever something has changed: to approve, resume or roll back as somebody would. */
  readonly onProgress?: ((snapshot: RolloutSnapshot, rollout: RolloutHandle) => void) | undefined
}

/** How a rehearsal went. */
export interface Rehearsal {
  /** Where the rollout was in the end: over, or held until somebody comes. */
  readonly snapshot: RolloutSnapshot
  /** In virtual time. */
  readonly durationInMs: number
  /** Decisions of the last controller, and what it found of those before. */
  readonly audit: readonly AuditEntry[]
  /** Devices that were told to begin. */
  readonly startedDevices: number
  /** Devices that carried out more than one operation of the same step. It must be 0. */
  readonly devicesStartedTwice: number
  /** Calls to devices that had been told the same before. */
  readonly repeatedCalls: number
  /** Starts after a gate had closed, or without the lease. There must be none. */
  readonly violations: readonly string[]
  readonly hubCalls: Readonly<Record<HubOperation, number>>
  /** Calls that the hub refused for their rate. */
  readonly throttledCalls: number
}

const definition: ActionDefinition = action({ effects: ['idempotent'] })
const rolloutId = 'rehearsal'
const dayInMs = 24 * 3_600_000

/**
 * Carries a rollout out on a simulated fleet, with the engine that carries out real ones, in virtual time: to see what a policy does
 * with a bad version before it meets one.
 *
 * @example
 * ```ts
 * const { snapshot, startedDevices } = await rehearse(
 *   { gates: [{ outcomes: ['failed'], maxShare: 0.02, minSample: 20, confidence: 0.95 }] },
 *   { devices: 1_000, operationInMs: [30_000, 90_000], failing: 0.1 },
 * )
 * console.log(snapshot.state?.hold?.reason, startedDevices)
 * ```
 */
export async function rehearse(
  policy: RehearsedPolicy,
  model: FleetModel,
  options: RehearsalOptions = {},
): Promise<Rehearsal> {
  const { seed = 1, tier = { name: 'S1' }, budgetShare = 1, controllers = 1, observeIntervalInMs = 5_000 } = options
  const { kills = [], longestInMs = 3 * dayInMs, endsHeld = true, onProgress = () => {} } = options
  const clock = new VirtualTime()
  const beganAtInMs = clock.now()
  const hub = new SimulatedFleetHub(clock, { action: 'rehearse', model, tier, seed })
  const run = { tier, budgetShare, observeIntervalInMs, refreshIntervalInMs: dayInMs }
  const planned = { ...policy, rolloutId, rollbackRequest: {}, endTime: new Date(beganAtInMs + 6 * dayInMs) }
  const waiting = [...kills]
  const handles: RolloutHandle[] = []
  let processes = 0
  let failure: { readonly reason: unknown } | undefined

  const isAtRest = ({ state }: RolloutSnapshot): boolean =>
    state?.phase === 'over' || (endsHeld && state?.hold?.cause === 'gate')
  const runProcess = async (): Promise<void> => {
    processes += 1
    const by = `process-${processes}`
    const context = { hub: hub.connect(by, killedAt(waiting.shift(), startProcess)), clock }
    const rollout =
      handles.length === 0
        ? await beginRollout(context, 'rehearse', definition, { ...planned, ...run, by })
        : await attachRollout(context, 'rehearse', definition, rolloutId, { ...run, by })
    handles.push(rollout)
    rollout.on('progress', snapshot => onProgress(snapshot, rollout))
    rollout.on('error', fail)
  }
  const fail = (error: unknown): void => {
    failure ??= { reason: error }
  }
  const startProcess = (): void => {
    runProcess().catch(fail)
  }
  for (let index = 0; index < controllers; index += 1) startProcess()
  await clock.run(() => failure !== undefined || handles.some(handle => isAtRest(handle.snapshot())), longestInMs)
  if (failure !== undefined) throw failure.reason

  const last = handles.findLast(handle => isAtRest(handle.snapshot())) ?? handles.at(-1)
  if (last === undefined) throw new Error('the rehearsal never began')
  const durationInMs = clock.now() - beganAtInMs
  const devices = [...hub.devices.values()]
  return {
    snapshot: last.snapshot(),
    durationInMs,
    audit: last.snapshot().state === undefined ? [] : last.auditSoFar,
    startedDevices: devices.filter(({ executed }) => executed.length > 0).length,
    devicesStartedTwice: devices.filter(({ executed }) => countForward(executed) > 1).length,
    repeatedCalls: devices.reduce((sum, { calls, executed }) => sum + Math.max(0, calls - executed.length), 0),
    violations: hub.violations,
    hubCalls: hub.calls,
    throttledCalls: hub.throttled,
  }
}

/** Operations of the way out, of the first try. */
function countForward(executed: readonly string[]): number {
  return executed.filter(operationId => operationId.endsWith('.1') && !operationId.includes('.back.')).length
}

/** Ends a process at one of its writes: no call of it ever comes back after that. */
function killedAt(
  kill: { readonly write: number; readonly moment: 'before' | 'after' } | undefined,
  onKilled: () => void,
): ProcessFault {
  if (kill === undefined) return async () => {}
  let writes = 0
  let isDead = false
  return moment => {
    if (moment === 'before') writes += 1
    if (!isDead && writes >= kill.write && moment === kill.moment) {
      isDead = true
      onKilled()
    }
    return isDead ? new Promise(() => {}) : Promise.resolve()
  }
}
