import { action, defineContract } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { LaneBench } from '../../test/lane-bench.ts'
import { implement } from '../implementation/implement.ts'
import type { AdmissionGate } from '../operation/admission-gate.ts'
import type { ConsentDecision, ConsentHook } from './consent.ts'
import { ConsentGate } from './consent-gate.ts'

/** A device whose hook gives these answers, one after the other, then never one. */
async function start(...decisions: (ConsentDecision | Promise<ConsentDecision> | ConsentHook)[]) {
  const asked: string[] = []
  const signals: AbortSignal[] = []
  const consent: ConsentHook = (operation, context) => {
    asked.push(`${operation.action} ${operation.operationId}`)
    signals.push(context.signal)
    const [decision] = decisions.splice(0, 1)
    if (typeof decision === 'function') return decision(operation, context)
    return decision ?? new Promise(() => {})
  }
  const runs: string[] = []
  const contract = defineContract({ actions: { work: action() } })
  const implementation = implement(contract, { actions: { work: op => void runs.push(op.operationId) } })
  const gate: AdmissionGate = { admit: (request, context) => makeGate().admit(request, context) }
  const bench = await LaneBench.start({ implementation, gate, disk: new SimulatedDisk() })
  // Made anew each time, as in a new life: all that is kept in mind is in the journal.
  const makeGate = () =>
    new ConsentGate({
      consent,
      notes: bench.life.notes,
      isUnderWay: operationId => bench.life.store.unfinished().some(log => log.operationId === operationId),
      environment: { now: () => bench.clock.now(), sleep: bench.sleep },
    })
  return { bench, asked, runs, signals }
}

describe('ConsentGate', () => {
  it('lets begin what is granted, without a report of a wait where the answer is there', async () => {
    const { bench, asked, runs } = await start('granted')
    await bench.call('work', { operationId: 'op' })
    expect(runs).toEqual(['op'])
    expect(asked).toEqual(['work op'])
  })

  it('rejects what is denied', async () => {
    const { bench, runs } = await start('denied')
    await bench.call('work', { operationId: 'op' })
    expect(bench.life.store.get('op')?.record).toMatchObject({
      state: 'rejected',
      attempt: 0,
      error: { code: 'AdmissionRefused', message: 'the consent was denied', retryable: false },
    })
    expect(runs).toEqual([])
  })

  it('reports the wait for an answer, which can be cancelled', async () => {
    const { bench, runs, signals } = await start()
    await bench.call('work', { operationId: 'op' })
    expect(bench.life.store.get('op')?.record).toMatchObject({ state: 'waiting', detail: 'waits for consent' })
    await bench.life.manager.cancel('op')
    await bench.settled()
    expect(bench.life.state()).toBe('cancelled')
    expect(signals[0]?.aborted).toBe(true)
    expect(runs).toEqual([])
  })

  it('gives up asking when the operation expires', async () => {
    const { bench, signals } = await start()
    await bench.call('work', { operationId: 'op', expiresAt: '2026-01-01T00:10:00Z' })
    await bench.advance(600_000)
    expect(bench.life.state()).toBe('expired')
    expect(signals[0]?.aborted).toBe(true)
  })

  it('asks again at the time that it was told', async () => {
    const askAgainAt = new Date('2026-01-01T00:00:30Z')
    const { bench, asked, runs } = await start({ askAgainAt }, { askAgainAt }, 'granted')
    await bench.call('work', { operationId: 'op' })
    expect(bench.life.store.get('op')?.record.detail).toBe(
      'waits for consent, asks again, until 2026-01-01T00:00:30.000Z',
    )
    await bench.advance(29_999)
    expect(asked).toHaveLength(1)
    await bench.advance(1)
    // The second answer names a time that has passed.
    expect(asked).toHaveLength(2)
    await bench.advance(1_000)
    expect(runs).toEqual(['op'])
  })

  it('asks again after a restart, unless it was granted', async () => {
    const { bench, asked, runs } = await start(new Promise(() => {}), 'granted')
    await bench.call('work', { operationId: 'op' })
    await bench.restart()
    expect(asked).toHaveLength(2)
    expect(runs).toEqual(['op'])
    expect(bench.life.notes.get('consent')).toEqual(['op'])
  })

  it('does not ask again what was granted, although the device was cut off before it began', async () => {
    const { bench, asked } = await start('granted')
    await bench.life.notes.record('consent', ['op', 'long over'])
    await bench.call('work', { operationId: 'op' })
    expect(asked).toEqual([])
    await bench.call('work', { operationId: 'next' })
    expect(bench.life.notes.get('consent')).toEqual(['next'])
  })

  it.each<[string, ConsentHook]>([
    [
      'throws',
      () => {
        throw new TypeError('broken')
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('broken'))],
    ['returns a word of its own', () => JSON.parse('"perhaps"')],
    ['returns nothing', () => JSON.parse('null')],
    ['returns no date', () => JSON.parse('{"askAgainAt":"2026-01-01"}')],
    ['returns an invalid date', () => ({ askAgainAt: new Date(Number.NaN) })],
  ])('rejects for now when the hook %s', async (_name, decide) => {
    const { bench, runs } = await start(decide)
    await bench.call('work', { operationId: 'op' })
    expect(bench.life.store.get('op')?.record).toMatchObject({
      state: 'rejected',
      error: { code: 'AdmissionRefused', retryable: true },
    })
    expect(bench.life.errors).toEqual([expect.any(TypeError)])
    expect(runs).toEqual([])
  })
})
