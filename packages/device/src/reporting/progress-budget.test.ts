import { ManualClock } from '@iothub-dm/local-hub'
import { action, defineContract, type JsonValue, operationSection } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { MemoryHub } from '../../test/memory-hub.ts'
import { temporaryDirectory, until } from '../../test/simulated-life.ts'
import { DeviceAgent } from '../agent/device-agent.ts'
import { implement } from '../implementation/implement.ts'
import type { Operation } from '../operation/operation.ts'
import { ProgressPace, reportsBeforeSlowdown } from './progress-pace.ts'

const contract = defineContract({
  actions: { work: action({ phases: ['warming', 'measuring'], result: v.unknown() }) },
})
type Work = Operation<typeof contract.actions.work>

const intervalInMs = 10_000

/** What a handler costs: the updates of the reported properties from before it began until its end is confirmed. */
async function costOf(
  work: (op: Work, shown: () => number | undefined) => unknown,
  clock: ManualClock,
): Promise<number> {
  await using directory = await temporaryDirectory()
  const hub = new MemoryHub()
  const options = { stateDirectory: directory.path, bootId: 'boot-1', clock, progressIntervalInMs: intervalInMs }
  let percent: number | undefined
  const implementation = implement(contract, { actions: { work: op => work(op, () => percent) } })
  await using agent = new DeviceAgent(implementation, options, hub.connect)
  agent.on('operation', ({ record }) => {
    percent = record.percent
  })
  await agent.open()
  await hub.call('work', { operationId: 'op' })
  await until(() => operationSection(hub.reported, 'work').state === 'succeeded')
  return agent.reportedUpdates
}

/** The updates that an operation may cost: its states and phases, and its progress over a time. */
function budget(durationInMs: number): number {
  const states = 3
  const phases = 2
  return (
    states +
    phases +
    Math.ceil(reportsBeforeSlowdown * Math.log2(2 + durationInMs / (reportsBeforeSlowdown * intervalInMs)))
  )
}

describe('the budget of twin updates of an operation', () => {
  it('holds for 10,000 calls of progress at once', async () => {
    const cost = await costOf(op => {
      op.phase('warming')
      for (let call = 0; call < 10_000; call += 1) op.progress(call / 100, `call ${call}`)
    }, new ManualClock(0))
    expect(cost).toBeLessThanOrEqual(5)
  })

  it('holds for 10,000 calls of progress in 10,000 seconds: at most 120 updates', async () => {
    const clock = new ManualClock(0)
    const cost = await costOf(async (op, shown) => {
      op.phase('warming')
      for (let call = 0; call < 10_000; call += 1) {
        op.progress(call / 100, `call ${call}`)
        await until(() => shown() === call / 100)
        clock.advance(1_000)
      }
      op.phase('measuring')
    }, clock)
    expect(budget(10_000_000)).toBeLessThanOrEqual(120)
    expect(cost).toBeLessThanOrEqual(budget(10_000_000))
    // It is a budget for progress, not silence.
    expect(cost).toBeGreaterThan(40)
  }, 30_000)
})

describe('ProgressPace', () => {
  it('doubles the interval of an operation after every 20 reports of it', () => {
    const pace = new ProgressPace(intervalInMs)
    for (let report = 0; report < 40; report += 1) pace.reported('op')
    expect(pace.intervalOf('op')).toBe(40_000)
    expect(pace.intervalOf('other')).toBe(10_000)
    pace.forget('op')
    expect(pace.intervalOf('op')).toBe(10_000)
  })
})

function largeLog(): JsonValue {
  return { log: ['x'.repeat(3_000), 'y'.repeat(3_000)] }
}

describe('C13: what a twin cannot hold', () => {
  it.each([
    ['a key', { 'a.b': 1 }, /result of action 'work': a\.b: is a key/],
    [
      'a string',
      { log: ['x'.repeat(5_000)] },
      /result of action 'work': log\[0\]: is a string of more than 4096 bytes/,
    ],
    [
      'too much',
      Array.from({ length: 10 }, () => 'x'.repeat(4_000)),
      /result of action 'work': expected at most 32768/,
    ],
  ])('is refused as a result before any update is spent on it: %s', async (_, result, message) => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    const errors: unknown[] = []
    const options = { stateDirectory: directory.path, bootId: 'boot-1' }
    await using agent = new DeviceAgent(implement(contract, { actions: { work: () => result } }), options, hub.connect)
    agent.on('error', error => errors.push(error))
    await agent.open()
    await hub.call('work', { operationId: 'op' })
    await until(() => operationSection(hub.reported, 'work').state === 'failed')
    expect(operationSection(hub.reported, 'work').error).toMatchObject({ code: 'InvalidResult' })
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringMatching(message) })])
    expect(agent.reportedUpdates).toBeLessThanOrEqual(3)
  })

  it('is left out of the report where the twin has no room for it, and the path is named', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    hub.reported = { other: Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`key${at}`, 'x'.repeat(4_000)])) }
    const errors: unknown[] = []
    const options = { stateDirectory: directory.path, bootId: 'boot-1' }
    await using agent = new DeviceAgent(implement(contract, { actions: { work: largeLog } }), options, hub.connect)
    agent.on('error', error => errors.push(error))
    await agent.open()
    await hub.call('work', { operationId: 'op' })
    await until(() => operationSection(hub.reported, 'work').state === 'succeeded')
    expect(operationSection(hub.reported, 'work')).toMatchObject({ detail: 'the hub refused the result' })
    expect(errors).toMatchObject([
      {
        code: 'InvalidReport',
        message: expect.stringMatching(/^reported properties: iothubDM\.work\.result\.log: would bring/),
      },
    ])
  })

  it('is cut where it is the text of a detail', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    const clock = new ManualClock(0)
    const options = { stateDirectory: directory.path, bootId: 'boot-1', clock, progressIntervalInMs: 0 }
    const implementation = implement(contract, {
      actions: {
        work: async op => {
          op.progress(1, `${'🚀'.repeat(5_000)}\u0000`)
          await until(() => operationSection(hub.reported, 'work').percent === 1)
        },
      },
    })
    await using agent = new DeviceAgent(implementation, options, hub.connect)
    await agent.open()
    await hub.call('work', { operationId: 'op' })
    await until(() => operationSection(hub.reported, 'work').percent === 1)
    const { detail } = operationSection(hub.reported, 'work')
    expect(detail).toSatisfy(text => typeof text === 'string' && text.length <= 128 && text.startsWith('🚀'))
  })
})
