import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { until } from '../../test/simulated-life.ts'
import { begin, live, type Work } from '../../test/work-life.ts'

const hour = 3_600_000
/** Works its time out anew in every life, as "the next night" does. */
const inAnHour: Work = async op => {
  await op.step('before', () => {})
  await op.deferUntil(new Date((await op.step('now', () => 0)) + hour), 'waits for the night')
  return op.attempt
}

describe('op.deferUntil', () => {
  it('holds the operation in waiting, and goes on in the same life', async () => {
    const life = await begin(inAnHour, { fileSystem: new SimulatedDisk() })
    await life.reached('waiting')
    expect(life.store.get('op')?.record).toMatchObject({ detail: 'waits for the night', attempt: 1 })
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(hour)
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toBe(1)
    await life.close()
  })

  it('says when it goes on, where the handler gives no reason', async () => {
    const life = await begin(op => op.deferUntil(new Date(hour)), { fileSystem: new SimulatedDisk() })
    await life.reached('waiting')
    expect(life.store.get('op')?.record.detail).toBe('goes on at 1970-01-01T01:00:00.000Z')
    await life.close()
  })

  it('survives restarts, in which the handler does not run, and which do not count as lives', async () => {
    const fileSystem = new SimulatedDisk()
    let runs = 0
    const work: Work = async op => {
      runs += 1
      await op.deferUntil(new Date(op.attempt * hour))
    }
    await (await begin(work, { fileSystem })).reached('waiting')
    for (let boot = 2; boot < 10; boot += 1) {
      const life = await live(work, { fileSystem, bootId: `boot-${boot}`, clock: new ManualClock(boot * 60_000) })
      await until(() => life.clock.pendingTimers === 1)
      expect(life.store.get('op')?.record).toMatchObject({ state: 'waiting', attempt: 1 })
    }
    expect(runs).toBe(1)
    const life = await live(work, { fileSystem, bootId: 'boot-10', clock: new ManualClock(hour) })
    await life.reached('succeeded')
    // The time of the first life counted, not the later one of the second.
    expect(runs).toBe(2)
    await life.close()
  })

  it('does not wait for a time that lies behind', async () => {
    const life = await begin(op => op.deferUntil(new Date(-1)), { fileSystem: new SimulatedDisk() })
    await life.reached('succeeded')
    await life.close()
  })

  it('R16: is not longer than it was meant to be when the clock is set back', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await begin(op => op.deferUntil(new Date(hour + 60_000)), {
      fileSystem,
      clock: new ManualClock(hour),
    })
    await first.reached('waiting')
    const life = await live(() => {}, { fileSystem, clock: new ManualClock(0), bootId: 'boot-2' })
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(60_000)
    await life.reached('succeeded')
    await life.close()
  })

  it('R16: ends within a minute when the clock is set forward', async () => {
    const clock = new JumpingClock(0)
    const life = await begin(op => op.deferUntil(new Date(1_000 * hour)), { fileSystem: new SimulatedDisk(), clock })
    await until(() => clock.pendingTimers === 1)
    clock.jumpInMs = 2_000 * hour
    clock.advance(60_000)
    await life.reached('succeeded')
    await life.close()
  })

  it('ends when the operation is cancelled: in the same life, and in a later one', async () => {
    for (const bootId of ['boot-1', 'boot-2']) {
      const fileSystem = new SimulatedDisk()
      const ends: string[] = []
      const work: Work = async op => {
        try {
          await op.deferUntil(new Date(hour))
        } finally {
          ends.push(op.signal.aborted ? 'wound up' : 'not cancelled')
        }
      }
      let life = await begin(work, { fileSystem })
      await life.reached('waiting')
      if (bootId === 'boot-2') life = await live(work, { fileSystem, bootId })
      expect(await life.manager.cancel('op')).toEqual({ status: 200, payload: { operationId: 'op', state: 'waiting' } })
      await life.reached('cancelled')
      expect(ends).toEqual(['wound up'])
      await life.close()
    }
  })

  it('is found by its name, of which each has its own', async () => {
    const life = await begin(
      async op => {
        await op.deferUntil(new Date(-1), 'first')
        await expect(op.deferUntil(new Date(-1), 'second')).rejects.toThrow("deferral 'deferUntil' was used twice")
        await op.deferUntil(new Date(-1), 'second', { name: 'second' })
        await expect(op.deferUntil(new Date(Number.NaN))).rejects.toThrow('time: expected a valid Date')
      },
      { fileSystem: new SimulatedDisk() },
    )
    await life.reached('succeeded')
    await life.close()
  })

  it('fails an operation whose handler does not wait for it', async () => {
    const life = await begin(
      async op => {
        void op.deferUntil(new Date(hour))
        await until(() => life?.state() === 'waiting')
      },
      { fileSystem: new SimulatedDisk() },
    )
    await life.reached('failed')
    expect(life.store.get('op')?.record.error?.message).toBe('the handler ended in the middle of a deferral')
    await life.close()
  })
})

/** Its timers run on, whatever time of day it tells. */
class JumpingClock extends ManualClock {
  jumpInMs = 0

  override now(): number {
    return super.now() + this.jumpInMs
  }
}
