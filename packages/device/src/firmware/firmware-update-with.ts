import type { FirmwareUpdateResult, firmwareUpdate } from '@iothub-dm/protocol'
import { longestTimeoutInMs } from '../connection/clock.ts'
import { checkFunctions } from '../implementation/check-functions.ts'
import type { ActionWithOptions } from '../implementation/handlers.ts'
import { FirmwareError } from './firmware-error.ts'
import { type FirmwareUpdateOptions, firmwareSettings } from './firmware-options.ts'
import type { FirmwareTarget } from './firmware-target.ts'
import type { FirmwarePlan } from './manifest/firmware-plan.ts'
import type { FirmwareFailure } from './pipeline/firmware-failure.ts'
import { type FirmwareOperation, FirmwareStages } from './pipeline/firmware-stages.ts'

/**
 * The handler of the action `firmwareUpdate`: manifest, download, verify, apply, restart, health check, then commit or roll back.
 *
 * @param target where firmware is installed: the hooks of the device, or `slots`
 * @throws TypeError, RangeError naming a hook that is missing, or an option that is of no use
 * @example
 * ```ts
 * const implementation = implement(contract, {
 *   actions: {
 *     firmwareUpdate: firmwareUpdateWith(slots('/opt/camera', { version: '1.4.0', restart: () => process.exit() }), {
 *       directory: '/var/lib/camera/firmware',
 *       trust: { keySet },
 *       device: { model: 'camera' },
 *     }),
 *   },
 * })
 * ```
 */
export function firmwareUpdateWith(
  target: FirmwareTarget,
  options: FirmwareUpdateOptions,
): ActionWithOptions<typeof firmwareUpdate> {
  checkFunctions('target', target, ['currentVersion', 'apply', 'restart', 'rollback'], ['confirm', 'commit'])
  const stages = new FirmwareStages(target, firmwareSettings(options))
  return {
    handle: op => update(op, stages).catch((error: unknown) => giveUp(op, error)),
    facts: async () => ({ currentVersion: await target.currentVersion() }),
    // Every stage has a limit of its own; one for the whole could end it between two versions.
    timeoutInMs: longestTimeoutInMs,
  }
}

async function update(op: FirmwareOperation, stages: FirmwareStages): Promise<FirmwareUpdateResult> {
  const verdict = await op.step('check', () => stages.judge(op.request))
  if (verdict.alreadyCurrent) {
    return { outcome: 'alreadyCurrent', version: verdict.version, previousVersion: verdict.version }
  }
  const { plan } = verdict
  op.phase('downloading')
  await op.step('download', ({ signal }) => stages.download(op, plan, signal))
  op.phase('verifying')
  await op.pointOfNoReturn()
  await op.step('never go behind', () => stages.neverGoBehind(op, plan))
  // Something done in every life: how often the device may die in a stage is decided there, so that it is rolled back in the end.
  if (op.attempt <= stages.maxLives) await op.step(`life ${op.attempt}`, () => null)
  const failure =
    (await op.step('install', context => stages.install(op, plan, context))) ??
    (await startNewVersion(op, stages)) ??
    (await op.step('trial', context => stages.tryOut(plan, context))) ??
    (await op.step('commit', context => stages.commit(plan, context)))
  if (failure !== null) return rollBack(op, stages, plan, failure)
  return { outcome: 'updated', version: plan.version, previousVersion: plan.previousVersion }
}

async function startNewVersion(op: FirmwareOperation, stages: FirmwareStages): Promise<FirmwareFailure | null> {
  // Not before it is on disk that the image is installed: who was cut off installs it again.
  await op.step('make room', () => stages.makeRoom())
  op.phase('rebooting')
  const failure = await stages.restart(op, 'into the new version')
  if (failure === null) op.phase('confirming')
  return failure
}

async function rollBack(
  op: FirmwareOperation,
  stages: FirmwareStages,
  plan: FirmwarePlan,
  failure: FirmwareFailure,
): Promise<never> {
  op.phase('error')
  op.progress(0, failure.message)
  const stuck =
    (await op.step('roll back', context => stages.putBack(context))) ??
    ((await op.step('back without a restart', () => stages.isBack(plan)))
      ? null
      : await stages.restart(op, 'back into the version before'))
  const isBack = await op.step('back', () => stages.isBack(plan))
  if (stuck !== null || !isBack) {
    return op.fail('RollbackFailed', `${failure.message}; version ${plan.previousVersion} could not be put back`)
  }
  await op.step('count the failure', () => stages.countFailure(op, plan))
  op.phase('rolledback')
  op.progress(100, `Rolled back to: ${plan.previousVersion}`)
  return op.fail(failure.code, failure.message)
}

/** Before anything was done, a request that cannot be met is rejected; after that, the update has failed. */
function giveUp(op: FirmwareOperation, error: unknown): never {
  if (op.signal.aborted || !(error instanceof FirmwareError)) throw error
  return op.reject(error.code, error.message, { retryable: error.retryable })
}
