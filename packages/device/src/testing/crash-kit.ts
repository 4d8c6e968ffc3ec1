import { type ActionDefinition, type ActionRequestInput, isJsonObject, toJson } from '@iothub-dm/protocol'
import type { ActionHandler, ActionWithOptions } from '../implementation/handlers.ts'
import type { OperationOptions } from '../operation/operation-options.ts'
import { atLeastOne } from './at-least-one.ts'
import type { CrashReport, CrashRun } from './crash-report.ts'
import { type CrashSubject, type CrashTrace, runWithKills } from './crash-run.ts'
import { judgeRun } from './judge-run.ts'
import type { Kill } from './kill.ts'
import type { SimulatedDevice } from './simulated-device.ts'
import { Sweep, type SweepOptions } from './sweep.ts'

/** What {@link crashKit} tests. */
export interface CrashKitOptions<TAction extends ActionDefinition> {
  /** The action, from the contract. */
  readonly action: TAction
  /** What it is called in the contract, and so in reports. Default: `action`. */
  readonly name?: string | undefined
  /** What the back end asks for. Default: `{}`. */
  readonly request?: ActionRequestInput<TAction> | undefined
  /**
   * Makes the handler for one life of the device. What the handler does to the world it does through `device`; nothing else outlives a kill.
   */
  readonly handler: (device: SimulatedDevice) => ActionHandler<TAction> | ActionWithOptions<TAction>
  /** The options of the agent that concern operations, such as `maxAttempts`. */
  readonly operation?: OperationOptions | undefined
  /** Looks at the end of every run; what it throws is a violation. */
  readonly check?: ((run: CrashRun) => unknown) | undefined
  /** Points after which a run is taken for endless. Default: 5,000. */
  readonly maxPoints?: number | undefined
}

/** Kills a handler wherever it can be killed. Made by {@link crashKit}. */
export interface CrashKit {
  /**
   * Runs the operation once undisturbed, once for each point at which the device can be killed, and once for each pair of points: before and after
   * every call with which the journal changes the disk, every effect and every report, and wherever a promise of `op` or `device` comes back.
   */
  sweep(options?: SweepOptions): Promise<CrashReport>
  /** Runs the operation once with these kills, as a violation names them. */
  replay(kills: readonly Kill[]): Promise<CrashRun>
}

/**
 * Tests an action handler against crashes: on the real agent and its journal, with a simulated hub, clock and disk, in one process. A kill is real
 * for the handler: what it waits for never comes, and what it would have done after that is not done.
 *
 * What a handler awaits of others than `op` and `device` is no point of its own: the kit has no hand in it, and a kill there looks like
 * one at the next point. A loop that awaits nothing of the kit hangs the test, as it would hang the device.
 *
 * @throws TypeError when an option is not what it should be; from `sweep` and `replay`, when the device refuses the request
 * @example
 * ```ts
 * const kit = crashKit({ action: camera.actions.calibrate, request: { target: 5 }, handler: device => calibrateWith(device) })
 * const report = await kit.sweep()
 * expect(report.violations, report.text).toEqual([])
 * ```
 */
export function crashKit<TAction extends ActionDefinition>(options: CrashKitOptions<TAction>): CrashKit {
  if (typeof options.handler !== 'function') {
    throw new TypeError(`handler: expected a function that makes one, got ${typeof options.handler}`)
  }
  const { action, name = 'action', request = {}, operation = {}, handler, check } = options
  const maxPoints = atLeastOne('maxPoints', options.maxPoints ?? 5_000)
  const json = toJson(request, 'request')
  if (!isJsonObject(json)) throw new TypeError(`request: expected an object, got ${JSON.stringify(json)}`)
  const subject: CrashSubject = { name, definition: action, handler, request: json, operation, maxPoints }
  let undisturbed: Promise<CrashTrace> | undefined
  const reference = (): Promise<CrashTrace> => {
    undisturbed ??= runWithKills(subject, []).then(refuseUnlessBegun)
    return undisturbed
  }
  return {
    async sweep(sweepOptions = {}) {
      return new Sweep(subject, await reference(), check).run(sweepOptions)
    },
    async replay(kills) {
      return judgeRun(await runWithKills(subject, kills), kills, await reference(), check)
    },
  }
}

/** A request that the device refuses, or an agent that cannot start, is no matter of crashes. */
function refuseUnlessBegun(trace: CrashTrace): CrashTrace {
  const [end] = trace.ends
  if (end?.type === 'crashed') throw end.error
  return trace
}
