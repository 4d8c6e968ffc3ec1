import { badOutcome, type Gate } from '../gate/gate.ts'
import type { Pace } from './pace.ts'
import type { WaveOptions } from './rollout-options.ts'

const maxWaves = 20
const maxGates = 10

/** @throws RangeError, TypeError when waves are empty, shrink, or do not take in devices */
export function checkWaves(waves: readonly WaveOptions[]): void {
  if (waves.length === 0 || waves.length > maxWaves) {
    throw new RangeError(`waves: expected 1 to ${maxWaves}, got ${waves.length}`)
  }
  let devices = 0
  let percent = 0
  for (const [index, wave] of waves.entries()) {
    const name = `waves[${index}]`
    if ('devices' in wave) {
      if (!Number.isInteger(wave.devices) || wave.devices <= devices) {
        throw new RangeError(`${name}.devices: expected an integer above ${devices}, got ${wave.devices}`)
      }
      devices = wave.devices
    } else {
      if (!(wave.percent > percent && wave.percent <= 100)) {
        throw new RangeError(`${name}.percent: expected more than ${percent} and at most 100, got ${wave.percent}`)
      }
      percent = wave.percent
    }
    if (wave.soakInMs !== undefined && !(wave.soakInMs >= 0 && Number.isFinite(wave.soakInMs))) {
      throw new RangeError(`${name}.soakInMs: expected a number from 0, got ${wave.soakInMs}`)
    }
  }
}

/** @throws RangeError */
export function checkPace({ startsPerMinute, growth }: Pace): void {
  checkPositive('pace.startsPerMinute', startsPerMinute)
  if (growth === undefined) return
  checkPositive('pace.growth.everySucceeded', growth.everySucceeded)
  checkPositive('pace.growth.maxStartsPerMinute', growth.maxStartsPerMinute)
  if (!(growth.factor > 1)) throw new RangeError(`pace.growth.factor: expected more than 1, got ${growth.factor}`)
}

/** @throws RangeError, TypeError */
export function checkGates(gates: readonly Gate[]): void {
  if (gates.length > maxGates) throw new RangeError(`gates: expected at most ${maxGates}, got ${gates.length}`)
  for (const [index, { outcomes, maxShare, minSample, confidence }] of gates.entries()) {
    const name = `gates[${index}]`
    if (outcomes.length === 0 || outcomes.some(outcome => !Object.hasOwn(badOutcome, outcome))) {
      const known = Object.keys(badOutcome).join(', ')
      throw new TypeError(`${name}.outcomes: expected some of ${known}, got ${JSON.stringify(outcomes)}`)
    }
    checkShare(`${name}.maxShare`, maxShare)
    checkShare(`${name}.confidence`, confidence)
    checkPositive(`${name}.minSample`, minSample)
  }
}

function checkPositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name}: expected a number above 0, got ${value}`)
}

function checkShare(name: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new RangeError(`${name}: expected more than 0 and less than 1, got ${value}`)
}
