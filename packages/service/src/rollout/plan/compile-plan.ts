import {
  type ActionDefinition,
  divideRequest,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@iothub-dm/protocol'
import { encodeBegin } from '../../action/begin-exchange.ts'
import { checkCount, checkDeviceId, checkTimeoutInMs } from '../../hub/check-arguments.ts'
import type { Gate } from '../gate/gate.ts'
import { checkGates, checkPace, checkWaves } from './check-plan.ts'
import type { Pace } from './pace.ts'
import { maxCanaryDevices, type UncheckedRolloutOptions, type WaveOptions } from './rollout-options.ts'
import type { Attestation, RolloutPlan } from './rollout-plan.ts'
import type { Wave } from './wave.ts'

/** The secrets of a rollout: never written anywhere, handed over by whoever runs it. */
export interface RolloutSecrets {
  /** Members of the request that the contract calls secret. */
  readonly request: JsonObject
  readonly rollbackRequest: JsonObject
}

/** A plan, and what was kept out of it. */
export interface CompiledPlan {
  readonly plan: RolloutPlan
  readonly secrets: RolloutSecrets
}

const dayInMs = 24 * 3_600_000
/** As long as devices remember the operations that they have finished. */
const longestInMs = 7 * dayInMs
const defaultLengthInMs = 3 * dayInMs
const maxExcluded = 500

const defaultPace: Pace = {
  startsPerMinute: 60,
  growth: { factor: 2, everySucceeded: 500, maxStartsPerMinute: 1_000 },
}
const defaultGates: readonly Gate[] = [
  { outcomes: ['failed', 'silent', 'revoked'], maxShare: 0.05, minSample: 20, confidence: 0.95 },
  { outcomes: ['rejected'], maxShare: 0.2, minSample: 20, confidence: 0.95 },
]
const defaultWaves: readonly WaveOptions[] = [
  { devices: 1 },
  { percent: 1 },
  { percent: 10 },
  { percent: 50 },
  { percent: 100 },
]
const defaultSoakInMs = 15 * 60_000
const defaultSilentAfterInMs = 15 * 60_000
const defaultOverdueAfterInMs = 3_600_000

/**
 * Makes the plan of a rollout.
 *
 * @throws TypeError, RangeError for an option that is of no use, and when an action that cannot be made good has no canary or was not
 * acknowledged
 * @throws InvalidRequestError when a request breaks its schema
 */
export function compilePlan(
  action: string,
  definition: ActionDefinition,
  options: UncheckedRolloutOptions,
  nowInMs: number,
): CompiledPlan {
  const { rolloutId, target, excluded = [], pace = defaultPace, gates = defaultGates, offline = 'retry' } = options
  const { waves = defaultWaves, concurrency = 100, maxTries = 3, silentAfterInMs = defaultSilentAfterInMs } = options
  const { overdueAfterInMs = Math.max(defaultOverdueAfterInMs, silentAfterInMs) } = options
  checkRolloutId(rolloutId)
  checkDanger(action, definition, options)
  checkWaves(waves)
  checkPace(pace)
  checkGates(gates)
  checkCount('concurrency', concurrency, 1)
  checkCount('maxTries', maxTries, 1)
  if (maxTries > 99) throw new RangeError(`maxTries: expected at most 99, got ${maxTries}`)
  checkTimeoutInMs('silentAfterInMs', silentAfterInMs)
  checkTimeoutInMs('overdueAfterInMs', overdueAfterInMs)
  if (excluded.length > maxExcluded) {
    throw new RangeError(`excluded: expected at most ${maxExcluded} devices, got ${excluded.length}; use the target`)
  }
  for (const deviceId of excluded) checkDeviceId(deviceId)
  const endTime = checkEndTime(options.endTime, nowInMs)
  const forward = divide(action, definition, options.request)
  const back = options.rollbackRequest === undefined ? undefined : divide(action, definition, options.rollbackRequest)
  const secretMembers = [...new Set([...Object.keys(forward.secrets), ...Object.keys(back?.secrets ?? {})])]
  if (offline === 'desired' && secretMembers.length > 0) {
    throw new RangeError(`offline: a request with the secret '${secretMembers[0]}' cannot stand in desired properties`)
  }
  const attestation = options.attestation ?? defaultAttestation(action, forward.open)
  const plan: RolloutPlan = {
    rolloutId,
    action,
    request: forward.open,
    ...(back === undefined ? {} : { rollbackRequest: back.open }),
    target: target?.text ?? '',
    excluded: [...new Set(excluded)].toSorted(),
    waves: waves.map(toWave),
    pace,
    concurrency,
    gates,
    silentAfterInMs,
    overdueAfterInMs,
    endTime,
    maxTries,
    ...(secretMembers.length === 0 ? {} : { secretMembers }),
    ...(offline === 'desired' ? { offline } : {}),
    ...(attestation === undefined ? {} : { attestation }),
  }
  return { plan, secrets: { request: forward.secrets, rollbackRequest: back?.secrets ?? {} } }
}

/** @throws TypeError */
export function checkRolloutId(rolloutId: string): void {
  if (typeof rolloutId !== 'string' || !/^[A-Za-z0-9_-]{1,40}$/.test(rolloutId)) {
    throw new TypeError(`rolloutId: expected 1 to 40 letters, digits, _ or -, got ${JSON.stringify(rolloutId)}`)
  }
}

function checkDanger(action: string, { effects }: ActionDefinition, options: UncheckedRolloutOptions): void {
  for (const effect of ['losesData', 'irreversible'] as const) {
    if (!effects.includes(effect)) continue
    if (options.acknowledge?.[effect] !== true) {
      throw new TypeError(`acknowledge.${effect}: expected true, because action '${action}' has that effect`)
    }
    const canary = options.waves?.[0]
    if (canary === undefined || !('devices' in canary) || canary.devices > maxCanaryDevices) {
      throw new TypeError(
        `waves: expected a first wave of at most ${maxCanaryDevices} devices, because action '${action}' ${effect}`,
      )
    }
  }
}

function checkEndTime(endTime: Date | undefined, nowInMs: number): string {
  const timeInMs = endTime === undefined ? nowInMs + defaultLengthInMs : endTime.getTime()
  if (!(timeInMs > nowInMs && timeInMs <= nowInMs + longestInMs)) {
    throw new RangeError(`endTime: expected a time within the next seven days, got ${String(endTime)}`)
  }
  return new Date(timeInMs).toISOString()
}

/** A request without its secrets, held against its schema. */
function divide(
  action: string,
  definition: ActionDefinition,
  request: unknown,
): { readonly open: JsonValue; readonly secrets: JsonObject } {
  const payload = encodeBegin(action, definition, request, { operationId: 'plan' })
  const { operationId: _operationId, ...members } = isJsonObject(payload) ? payload : {}
  return divideRequest(members, definition.secrets)
}

function toWave({ soakInMs = defaultSoakInMs, needsApproval = false, ...size }: WaveOptions): Wave {
  return {
    size: 'devices' in size ? { devices: size.devices } : { percent: size.percent },
    soakInMs,
    needsApproval,
  }
}

/** A device with new firmware must go on running it. */
function defaultAttestation(action: string, request: JsonValue): Attestation | undefined {
  const value = isJsonObject(request) ? request.fwVersion : undefined
  if (action !== 'firmwareUpdate' || typeof value !== 'string') return undefined
  return { path: ['firmware', 'currentFwVersion'], value }
}
