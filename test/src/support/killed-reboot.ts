import { isOperationFailedError } from '@iothub-dm/service'
import { expect } from 'vitest'
import { beginAgainUntilTaken } from './begin-again.ts'
import type { BlackBoxEntry } from './black-box.ts'
import { outcomeInJournal } from './journal-outcome.ts'
import type { SupervisedDevice } from './supervised-device.ts'
import type { TestBench } from './test-bench.ts'

/**
 * Reboots a device that is killed at calls of its journal, and holds what everybody saw of it against what it really did.
 *
 * @param killAt calls of the journal, counted over all lives of the device from 1
 * @returns the names of all calls of the journal, and of those at which the device was killed
 */
export async function rebootKilledAt(
  bench: TestBench,
  killAt: readonly number[],
): Promise<{ readonly calls: readonly string[]; readonly killedAt: readonly string[] }> {
  const deviceId = `killed-at-${killAt.join('-')}`
  await using device = await bench.startDevice(deviceId, { killAtJournalCalls: killAt })
  try {
    await rebootAndCheck(bench, device)
  } catch (cause) {
    throw new Error(`killed at ${killAt.join(' and ')}:\n${describeBlackBox(device)}`, { cause })
  }
  const blackBox = device.blackBox()
  return { calls: callsOf(blackBox, 'journalCall'), killedAt: callsOf(blackBox, 'killed') }
}

async function rebootAndCheck(bench: TestBench, device: SupervisedDevice): Promise<void> {
  const { deviceId } = device
  const operationId = `reboot-of-${deviceId}`
  const { reboot } = bench.fleet.getDeviceClient(deviceId).actions
  const operation = await beginAgainUntilTaken(reboot, {}, operationId)
  await operation.result({ timeoutInMs: 30_000 }).catch((error: unknown) => {
    if (!isOperationFailedError(error)) throw error
  })
  // What is asked again gets the stored answer, also when the device dies once more while it notes that its report got through.
  await untilReportIsJournaled(device)
  const again = await beginAgainUntilTaken(reboot, {}, operationId)

  const { state, error } = operation.record
  const blackBox = device.blackBox()
  const section = await bench.section(deviceId, 'reboot')
  expect(section).toMatchObject({ ...operation.record })
  expect(again.record).toMatchObject({ state, ...(error === undefined ? {} : { error }) })
  expect(outcomeInJournal(await device.readJournal(), operationId)).toBe(state)

  // The restart was made when, and only when, the operation says so: at most once, and proven by a new boot id.
  const succeeded = state === 'succeeded'
  expect(error?.code).toBe(succeeded ? undefined : 'RestartNotObserved')
  expect(new Set(device.boots()).size).toBe(succeeded ? 2 : 1)
  expect(effectsOf(blackBox, 'restart')).toHaveLength(succeeded ? 1 : 0)
  expect('lastReboot' in section).toBe(succeeded)
  expectStepDoneOnce(blackBox, 'flush', true)
  expectStepDoneOnce(blackBox, 'selfTest', succeeded)
  // No life but those that a kill or the restart made necessary.
  expect(device.boots().length).toBeLessThanOrEqual(1 + callsOf(blackBox, 'killed').length + (succeeded ? 1 : 0))
}

/** A step is repeated only when the device died before its end was on disk, and every time it knows that it is not the first. */
function expectStepDoneOnce(blackBox: readonly BlackBoxEntry[], step: string, isExpected: boolean): void {
  const attempts = effectsOf(blackBox, step)
  expect(attempts.length > 0).toBe(isExpected)
  expect(attempts).toEqual([...new Set(attempts)].toSorted((left, right) => left - right))
  const isEffect = (entry: BlackBoxEntry): boolean => entry.type === 'effect' && entry.name === step
  const between = blackBox.slice(blackBox.findIndex(isEffect), blackBox.findLastIndex(isEffect))
  const cutOff = callsOf(between, 'killed').filter(call => call.endsWith('stepDone'))
  expect(cutOff).toHaveLength(Math.max(0, attempts.length - 1))
}

function effectsOf(blackBox: readonly BlackBoxEntry[], name: string): number[] {
  return blackBox.flatMap(entry => (entry.type === 'effect' && entry.name === name ? [entry.attempt] : []))
}

function callsOf(blackBox: readonly BlackBoxEntry[], type: 'journalCall' | 'killed'): string[] {
  return blackBox.flatMap(entry => (entry.type === type && 'call' in entry ? [entry.call] : []))
}

async function untilReportIsJournaled(device: SupervisedDevice): Promise<void> {
  while (!callsOf(device.blackBox(), 'journalCall').includes('sync reported')) await device.stirred()
}

function describeBlackBox(device: SupervisedDevice): string {
  const lines = device.blackBox().map(entry => JSON.stringify(entry))
  return [...lines, device.output].join('\n')
}
