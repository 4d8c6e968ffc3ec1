import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type ActionDefinition, isJsonObject, type JsonObject, toJson } from '@iothub-dm/protocol'
import type { ActionContext } from '../../action/action-context.ts'
import { RolloutConflictError, RolloutNotFoundError } from '../../errors/rollout-errors.ts'
import { checkTimeoutInMs } from '../../hub/check-arguments.ts'
import { isHubError } from '../../hub/hub-error.ts'
import { HubBudget } from '../../pacing/hub-budget.ts'
import type { ControlRecord } from '../control/control-record.ts'
import { ControlTwin } from '../control/control-twin.ts'
import { RolloutController } from '../controller/rollout-controller.ts'
import { type CompiledPlan, checkRolloutId, compilePlan } from '../plan/compile-plan.ts'
import { planHash } from '../plan/plan-hash.ts'
import type { UncheckedRolloutOptions } from '../plan/rollout-options.ts'
import { RolloutHandle } from './rollout-handle.ts'
import type { AttachRolloutOptions, RolloutRunOptions } from './rollout-run-options.ts'

type RolloutContext = Pick<ActionContext, 'hub' | 'clock'>

/**
 * Begins a rollout, or takes it up when it was begun with the same plan before.
 *
 * @throws what `FleetActionClient.beginRollout` says
 */
export async function beginRollout(
  context: RolloutContext,
  action: string,
  definition: ActionDefinition,
  options: UncheckedRolloutOptions & RolloutRunOptions,
): Promise<RolloutHandle> {
  const run = checkRun(options)
  const compiled = compilePlan(action, definition, options, context.clock.now())
  const twin = new ControlTwin(context.hub, compiled.plan.rolloutId)
  let read = await twin.read()
  if (read === undefined) {
    await twin.create()
    read = await twin.read()
  }
  for (;;) {
    if (read === undefined) throw new RolloutNotFoundError(compiled.plan.rolloutId)
    if (read.record !== undefined) break
    const record: ControlRecord = { plan: compiled.plan, audit: [] }
    if ((await writeFirst(twin, record, read.etag)) !== undefined) {
      return createHandle(context, definition, twin, compiled, record, run)
    }
    read = await twin.read()
  }
  const { plan } = read.record
  // The time at which it ends may have been reckoned from now.
  const wanted = options.endTime === undefined ? { ...compiled.plan, endTime: plan.endTime } : compiled.plan
  if (planHash(plan) !== planHash(wanted)) throw new RolloutConflictError(plan.rolloutId, 'it has another plan')
  return createHandle(context, definition, twin, { ...compiled, plan }, read.record, run)
}

/**
 * Takes a rollout up that was begun before, by this or another process.
 *
 * @throws what `FleetActionClient.attachRollout` says
 */
export async function attachRollout(
  context: RolloutContext,
  action: string,
  definition: ActionDefinition,
  rolloutId: string,
  options: AttachRolloutOptions = {},
): Promise<RolloutHandle> {
  const run = checkRun(options)
  checkRolloutId(rolloutId)
  const twin = new ControlTwin(context.hub, rolloutId)
  const record = (await twin.read())?.record
  if (record === undefined) throw new RolloutNotFoundError(rolloutId)
  if (record.plan.action !== action) throw new RolloutConflictError(rolloutId, `its action is '${record.plan.action}'`)
  const secrets = {
    request: secretsOf('secrets', options.secrets),
    rollbackRequest: secretsOf('rollbackSecrets', options.rollbackSecrets),
  }
  for (const member of record.plan.secretMembers ?? []) {
    if (member in secrets.request || member in secrets.rollbackRequest) continue
    throw new TypeError(`secrets: expected '${member}', which the hub does not hold`)
  }
  return createHandle(context, definition, twin, { plan: record.plan, secrets }, record, run)
}

/** A write whose answer was lost is looked for by whoever reads next. */
async function writeFirst(twin: ControlTwin, record: ControlRecord, etag: string): Promise<string | undefined> {
  try {
    return await twin.write(record, etag)
  } catch (error) {
    if (isHubError(error) && error.outcomeUnknown) return undefined
    throw error
  }
}

function createHandle(
  { hub, clock }: RolloutContext,
  definition: ActionDefinition,
  twin: ControlTwin,
  { plan, secrets }: CompiledPlan,
  record: ControlRecord,
  { budget, by, observeIntervalInMs, refreshIntervalInMs }: CheckedRun,
): RolloutHandle {
  return new RolloutHandle({
    hub,
    clock,
    twin,
    plan,
    record,
    by,
    createController: listener =>
      new RolloutController({
        hub,
        clock,
        budget,
        plan,
        secrets,
        definition,
        twin,
        owner: by,
        observeIntervalInMs,
        refreshIntervalInMs,
        listener,
      }),
  })
}

interface CheckedRun {
  readonly budget: HubBudget
  readonly by: string
  readonly observeIntervalInMs: number
  readonly refreshIntervalInMs: number
}

function checkRun(options: RolloutRunOptions): CheckedRun {
  const { tier = { name: 'S1' }, budgetShare = 0.5, by = `${hostname()} ${process.pid}` } = options
  const { observeIntervalInMs = 5_000, refreshIntervalInMs = 15 * 60_000 } = options
  checkTimeoutInMs('observeIntervalInMs', observeIntervalInMs)
  checkTimeoutInMs('refreshIntervalInMs', refreshIntervalInMs)
  const budget = new HubBudget({ tier, share: budgetShare })
  // Two handles of one process are two controllers.
  return { budget, by: `${by} ${randomUUID().slice(0, 8)}`, observeIntervalInMs, refreshIntervalInMs }
}

function secretsOf(name: string, members: unknown): JsonObject {
  const json = toJson(members ?? {}, name)
  return isJsonObject(json) ? json : {}
}
