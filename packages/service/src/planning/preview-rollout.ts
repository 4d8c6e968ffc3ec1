import type { ActionDefinition } from '@iothub-dm/protocol'
import type { ActionContext } from '../action/action-context.ts'
import type { HubTier } from '../pacing/hub-tier.ts'
import { condition } from '../query/condition.ts'
import { countDevices } from '../query/count-devices.ts'
import { twinFields } from '../query/twin-fields.ts'
import { compilePlan } from '../rollout/plan/compile-plan.ts'
import type { UncheckedRolloutOptions } from '../rollout/plan/rollout-options.ts'
import type { RolloutPlan } from '../rollout/plan/rollout-plan.ts'
import { forecast, type RolloutForecast } from './forecast.ts'

/** What a forecast has to be told, because nobody knows it yet. */
export interface ForecastInput {
  /**
   * The tier of the hub and its units.
   *
   * @default one unit of S1
   */
  readonly tier?: HubTier | undefined
  /**
   * The part of the hub's limits that the rollout may use, more than 0 and at most 1.
   *
   * @default 0.5
   */
  readonly budgetShare?: number | undefined
  /**
   * How long one device is at work, in milliseconds.
   *
   * @default 60_000
   */
  readonly operationInMs?: number | undefined
  /**
   * Reported patches that a device sends in an operation.
   *
   * @default 8
   */
  readonly reportsPerOperation?: number | undefined
}

/** What a rollout would do, and what it would take. */
export interface RolloutPreview {
  readonly plan: RolloutPlan
  /** Devices of the target, as the hub knows them; how many are connected is some seconds old. */
  readonly devices: { readonly connected: number; readonly disconnected: number }
  readonly forecast: RolloutForecast
}

/**
 * Reckons what a rollout would take, from the devices that there are.
 *
 * @throws what `FleetActionClient.plan` says
 */
export async function previewRollout(
  { hub, clock }: Pick<ActionContext, 'hub' | 'clock'>,
  action: string,
  definition: ActionDefinition,
  options: UncheckedRolloutOptions & ForecastInput,
): Promise<RolloutPreview> {
  const { tier = { name: 'S1' }, budgetShare = 0.5, operationInMs = 60_000, reportsPerOperation = 8 } = options
  const { plan } = compilePlan(action, definition, options, clock.now())
  const isConnected = twinFields<never>().connectionState.eq('Connected')
  const target = plan.target === '' ? undefined : condition<never>(plan.target)
  const all = await countDevices(hub, clock, target, {})
  const connected = await countDevices(hub, clock, target === undefined ? isConnected : target.and(isConnected), {})
  const devices = { connected, disconnected: Math.max(0, all - connected) }
  const requestBytes = Buffer.byteLength(JSON.stringify(plan.request))
  const result = forecast(plan, {
    tier,
    devices,
    operationInMs,
    reportsPerOperation,
    requestBytes,
    trackingIntervalInMs: 5_000,
    budgetShare,
  })
  return { plan, devices, forecast: result }
}
