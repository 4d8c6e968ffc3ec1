import { type OperationEvent, operationSection } from '@iothub-dm/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bench, later, progress, succeeded, time } from '../../test/reporting-bench.ts'
import type { HubCallOutcome } from '../../test/simulated-hub.ts'

describe('ReportedWriter', () => {
  it('ends with the hub equal to the newest records, whatever happened on the way', async () => {
    const outcomes: HubCallOutcome[] = ['ok', 'ok', 'ok', 'lost', 'lostAfter', 'timeout', 429, 500, 400]
    const moves = fc.oneof(
      fc.record({ kind: fc.constant('answer'), outcome: fc.constantFrom(...outcomes) }),
      fc.constantFrom({ kind: 'change', name: 'work' }, { kind: 'change', name: 'reboot' }),
      fc.constantFrom({ kind: 'session' }, { kind: 'lost' }, { kind: 'turn' }),
      fc.record({ kind: fc.constant('time'), durationInMs: fc.nat(40_000) }),
    )
    type Move = {
      readonly kind: string
      readonly outcome?: HubCallOutcome
      readonly name?: string
      readonly durationInMs?: number
    }
    const story: fc.Arbitrary<readonly Move[]> = fc.array(moves, { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(story, async steps => {
        const bench = new Bench()
        const next = { work: successor('work'), reboot: successor('reboot') }
        let connected = false
        for (const step of steps) {
          if (step.kind === 'answer' && bench.hub.busy) bench.hub.settle(step.outcome)
          else if (step.kind === 'change') {
            const name = step.name === 'work' ? 'work' : 'reboot'
            bench.happen(name, next[name]())
          } else if (step.kind === 'session') {
            // a session ends what was pending in the one before
            if (bench.hub.busy) bench.hub.settle('lost')
            bench.writer.sessionBegan()
            connected = true
          } else if (step.kind === 'lost' && connected) {
            if (bench.hub.busy) bench.hub.settle('lostAfter')
            bench.writer.sessionLost()
            connected = false
          } else if (step.kind === 'time') bench.clock.advance(step.durationInMs ?? 0)
          else if (step.kind === 'turn') await bench.settled()
          else await Promise.resolve()
        }
        if (bench.hub.busy) bench.hub.settle('lost')
        bench.writer.sessionBegan()
        for (let round = 0; round < 20; round += 1) {
          await bench.settled()
          if (bench.hub.busy) bench.hub.settle('ok')
          else bench.clock.advance(30_000)
        }
        for (const [name, { record }] of bench.logs) {
          expect(operationSection(bench.hub.reported, name)).toMatchObject({ ...record })
          const terminal = record.finishedTime !== undefined
          expect(bench.logs.get(name)?.reported).toBe(terminal)
        }
      }),
      { numRuns: 400 },
    )
  })
})

/** The events of one operation after the other. */
function successor(name: string): () => OperationEvent {
  let count = 0
  return () => {
    const operationId = `${name}-${Math.floor(count / 5)}`
    const events: OperationEvent[] = [
      { type: 'accepted', operationId, time },
      { type: 'started', attempt: 1, time },
      progress(30),
      progress(80),
      { type: 'succeeded', result: { of: operationId }, time: later },
    ]
    const event = events[count % events.length] ?? succeeded
    count += 1
    return event
  }
}
