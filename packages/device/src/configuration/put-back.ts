import type { BoundConfiguration } from '../implementation/implement.ts'
import { type ConfigurationCall, type ConfigurationCallEnd, toOutput } from './call-configuration.ts'
import type {
  AppliedConfiguration,
  ConfigurationRun,
  ConfigurationState,
  ConfigurationTrial,
} from './configuration-state.ts'
import { type RememberOptions, rememberState, retryDelays } from './remember-state.ts'

/** What {@link putBack} works with. */
export interface PutBackOptions extends RememberOptions {
  readonly configuration: BoundConfiguration
  /** Calls of the handler that may fail. */
  readonly maxAttempts: number
  readonly call: (call: ConfigurationCall) => Promise<ConfigurationCallEnd>
}

/**
 * Puts the value before back in the place of one that the hub has not confirmed: calls the handler with it until it succeeds, or has
 * been tried often enough, over all lives of the program.
 *
 * @param applied what was in use before; undefined: nothing that was desired
 */
export async function putBack(
  options: PutBackOptions,
  applied: AppliedConfiguration | undefined,
  trial: ConfigurationTrial,
  run: ConfigurationRun,
): Promise<void> {
  const { name, configuration, maxAttempts, closing, call, sleep } = options
  const remember = (state: ConfigurationState): Promise<boolean> => rememberState(options, state)
  const reason = `the hub was not reached by ${trial.deadline}`
  let delayInMs: number = retryDelays.firstInMs
  for (let putBacks = trial.putBacks + 1; putBacks <= maxAttempts; putBacks += 1) {
    if (!(await remember({ applied, run, trial: { ...trial, putBacks } }))) return
    const end = await call({
      desired: toOutput(name, configuration, applied?.value),
      previous: trial.value,
      version: applied?.version ?? 0,
      attempt: putBacks,
      isPutBack: true,
    })
    if (end === 'applied') {
      await remember({ applied, run: { ...run, outcome: 'failed', detail: `${reason}; the value before is in use` } })
      return
    }
    if (end === 'closing') {
      // It was ended in good order, and does not count.
      await remember({ applied, run, trial: { ...trial, putBacks: putBacks - 1 } })
      return
    }
    await sleep(delayInMs, closing).catch(() => {})
    if (closing.aborted) return
    delayInMs = Math.min(2 * delayInMs, retryDelays.maxInMs)
  }
  // A handler that throws is taken to have left alone what is in use.
  const { value, version } = trial
  const left = value === undefined ? undefined : { value, version }
  const detail = `${reason}, and the value before could not be put back`
  await remember({ applied: left, run: { ...run, outcome: 'failed', detail } })
}
