import { type HubOperation, type HubTier, hubLimits } from '../pacing/hub-tier.ts'
import { requestBlocks } from '../pacing/request-blocks.ts'
import { startsPerMinute } from '../rollout/plan/pace.ts'
import type { RolloutPlan } from '../rollout/plan/rollout-plan.ts'

/** What a forecast is made from, beside the plan. */
export interface ForecastOptions {
  readonly tier: HubTier
  /** Devices of the target that are connected, and that are not. */
  readonly devices: { readonly connected: number; readonly disconnected: number }
  /** How long one device is at work, in milliseconds. */
  readonly operationInMs: number
  /** Reported patches that a device sends in an operation. */
  readonly reportsPerOperation: number
  /** Size of the request in bytes, as it travels. */
  readonly requestBytes: number
  /** Time between two looks at the fleet, in milliseconds. */
  readonly trackingIntervalInMs: number
  /** The part of the hub's limits that the rollout may use, in (0, 1]. */
  readonly budgetShare: number
}

/** What limits how fast devices are started. */
export type Bottleneck = 'pace' | 'concurrency' | 'directMethod' | 'twinUpdate'

/** What a rollout will take, before it begins. */
export interface RolloutForecast {
  /** From the first start to the end of the last soak, without waits for approvals and for devices that are not connected. */
  readonly durationInMs: number
  readonly waves: readonly WaveForecast[]
  /** Calls of the back end to the hub, and reported patches of the devices (as `twinUpdate`). */
  readonly hubCalls: Readonly<Partial<Record<HubOperation, number>>>
  /** Messages that are billed. */
  readonly messages: number
  /** How many days' quota of messages that is. */
  readonly shareOfDailyQuota: number
  /** What the largest wave waits for. */
  readonly bottleneck: Bottleneck
}

/** What one wave will take. */
export interface WaveForecast {
  readonly devices: number
  readonly durationInMs: number
  readonly startsPerSecond: number
  readonly bottleneck: Bottleneck
}

/** Devices in one answer to a tracking query. */
const devicesPerQuery = 100

/** Reckons what a rollout will take. Pure. */
export function forecast(plan: RolloutPlan, options: ForecastOptions): RolloutForecast {
  const { tier, devices, reportsPerOperation, requestBytes, trackingIntervalInMs } = options
  const limits = hubLimits(tier)
  const total = devices.connected + devices.disconnected
  const waves: WaveForecast[] = []
  let before = 0
  for (const wave of plan.waves) {
    const size = 'percent' in wave.size ? Math.round((total * wave.size.percent) / 100) : wave.size.devices
    const end = Math.max(before, Math.min(total, size))
    waves.push(forecastWave(plan, options, before, end - before, wave.soakInMs))
    before = end
  }
  const durationInMs = waves.reduce((sum, wave) => sum + wave.durationInMs, 0)
  const reached = before
  const blocks = requestBlocks(requestBytes)
  const byMethod = Math.round(total === 0 ? 0 : (reached * devices.connected) / total)
  const byTwin = reached - byMethod
  const looks = Math.ceil(durationInMs / trackingIntervalInMs)
  const queries = looks * Math.max(1, Math.ceil(Math.min(reached, plan.concurrency) / devicesPerQuery))
  const reports = reached * reportsPerOperation
  const messages = byMethod * (blocks + 1) + byTwin * 2 * blocks + reports + queries
  return {
    durationInMs,
    waves,
    hubCalls: { directMethod: byMethod, twinUpdate: byTwin + reports, query: queries },
    messages,
    shareOfDailyQuota: messages / limits.messagesPerDay,
    bottleneck: waves.reduce<WaveForecast | undefined>(largest, undefined)?.bottleneck ?? 'pace',
  }
}

function forecastWave(
  plan: RolloutPlan,
  options: ForecastOptions,
  succeeded: number,
  devices: number,
  soakInMs: number,
): WaveForecast {
  const { operationInMs, reportsPerOperation, requestBytes, budgetShare } = options
  const { callsPerSecond } = hubLimits(options.tier)
  const rates: Readonly<Record<Bottleneck, number>> = {
    pace: startsPerMinute(plan.pace, succeeded) / 60,
    concurrency: (plan.concurrency * 1_000) / operationInMs,
    directMethod: (callsPerSecond.directMethod * budgetShare) / requestBlocks(requestBytes),
    twinUpdate: (callsPerSecond.twinUpdate * budgetShare) / Math.max(1, reportsPerOperation),
  }
  const bottleneck = slowest(rates)
  const startsPerSecond = rates[bottleneck]
  // The very first device goes alone.
  const alone = succeeded === 0 && devices > 1 ? 1 : 0
  const together = ((Math.max(1, devices - alone) - 1) * 1_000) / startsPerSecond + operationInMs
  const workInMs = devices === 0 ? 0 : alone * operationInMs + together
  return { devices, durationInMs: workInMs + soakInMs, startsPerSecond, bottleneck }
}

function slowest(rates: Readonly<Record<Bottleneck, number>>): Bottleneck {
  const names: readonly Bottleneck[] = ['pace', 'concurrency', 'directMethod', 'twinUpdate']
  return names.reduce((slow, name) => (rates[name] < rates[slow] ? name : slow))
}

function largest(best: WaveForecast | undefined, wave: WaveForecast): WaveForecast {
  return best === undefined || wave.devices > best.devices ? wave : best
}
