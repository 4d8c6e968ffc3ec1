import type { FactoryResetLevel, factoryReset } from '@iothub-dm/protocol'
import { checkFunctions } from '../implementation/check-functions.ts'
import type { ActionHandler } from '../implementation/handlers.ts'
import type { RestartOptions, StepContext } from '../operation/operation.ts'

/** What a factory reset is to take away. */
export interface FactoryResetScope {
  /** `settings`, `data` or `everything`; each takes away what those before it do. */
  readonly level: FactoryResetLevel
  /** The parts to leave alone, out of {@link FactoryResetHooks.canKeep}. */
  readonly keep: readonly string[]
}

/** What a device does in a factory reset. */
export interface FactoryResetHooks {
  /**
   * Takes everything in the scope away. It may take the state directory too, and what is needed to connect. It is called again when it
   * was cut off in the middle or has thrown (`attempt` tells), and must then come to the same end. A device that is wiped on its
   * way up, by its boot loader, only makes a note for it here.
   */
  readonly wipe: (scope: FactoryResetScope, context: StepContext) => unknown
  /** Makes the device restart; may return long before it goes down. */
  readonly restart: () => unknown
  /** Before anything is lost: stops what would write again. What it throws ends the operation with everything as it was. */
  readonly prepare?: ((scope: FactoryResetScope, context: StepContext) => unknown) | undefined
  /** After the restart: false when something of the scope is still there. Default: nobody looks. */
  readonly verify?: ((scope: FactoryResetScope, context: StepContext) => unknown) | undefined
  /** The words that a request may use in `keep`. Default: none. */
  readonly canKeep?: readonly string[] | undefined
  /** How long the restart may take to end this life of the program. Default: five minutes. */
  readonly restartTimeoutInMs?: RestartOptions['timeoutInMs']
}

/**
 * The handler of the action `factoryReset`, made of what the device does in it. It reads straight through the wipe and the
 * restart, also when the wipe has emptied the state directory: see `survivalStore` of the agent.
 *
 * @throws TypeError naming the hook that is missing or is no function
 * @example
 * ```ts
 * factoryReset: factoryResetWith({
 *   wipe: ({ level }) => rm(level === 'settings' ? '/data/settings' : '/data', { recursive: true, force: true }),
 *   restart: () => exec('systemctl reboot'),
 * })
 * ```
 */
export function factoryResetWith(hooks: FactoryResetHooks): ActionHandler<typeof factoryReset> {
  checkFunctions('hooks', hooks, ['wipe', 'restart'], ['prepare', 'verify'])
  const { wipe, restart, prepare, verify, canKeep = [], restartTimeoutInMs: timeoutInMs } = hooks
  return async op => {
    const { level, keep = [] } = op.request
    const scope = { level, keep }
    const foreign = keep.find(part => !canKeep.includes(part))
    if (foreign !== undefined) op.fail('cannotKeep', `the device cannot keep '${foreign}'`)
    op.phase('preparing')
    if (prepare !== undefined) await op.step('prepare', async context => void (await prepare(scope, context)))
    await op.pointOfNoReturn()
    op.phase('wiping')
    await op.step('wipe', async context => void (await wipe(scope, context)))
    await op.restart(restart, { timeoutInMs })
    op.phase('verifying')
    const clean =
      verify === undefined || (await op.step('verify', async context => (await verify(scope, context)) !== false))
    if (!clean) op.fail('notWiped', 'something that was to be wiped is still there')
    return { level, keep, epoch: op.identityEpoch }
  }
}
