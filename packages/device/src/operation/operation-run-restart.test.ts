import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { until } from '../../test/simulated-life.ts'
import { begin, live, type Work } from '../../test/work-life.ts'

const restarting: Work = async op => {
  await op.step('before', () => {})
  await op.restart(() => {})
  return op.attempt
}

const withoutPermission: Work = async op => {
  try {
    await op.restart(() => {
      throw new TypeError('no permission')
    })
  } catch (error) {
    op.progress(50, 'without a restart')
    return op.step('look', () => ({ caught: error instanceof Error ? error.message : '' }))
  }
  return undefined
}

describe('op.restart', () => {
  it('returns in the next boot, and does not restart again', async () => {
    const fileSystem = new SimulatedDisk()
    const options = { fileSystem }
    let restarts = 0
    const work: Work = async op => {
      await op.restart(() => {
        restarts += 1
      })
      return { attempt: op.attempt, restarts }
    }
    const first = await begin(work, options)
    await until(() => restarts === 1)
    expect(first.state()).toBe('restarting')
    const life = await live(work, { ...options, bootId: 'boot-2' })
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toEqual({ attempt: 2, restarts: 1 })
    await life.close()
  })

  it('has the intent on disk and the report on its way before it acts', async () => {
    const fileSystem = new SimulatedDisk()
    const order: string[] = []
    const life = await begin(
      async op => {
        await op.restart(() => void order.push(`run in ${life.store.get('op')?.restarts.get('restart')?.progress}`))
      },
      {
        fileSystem,
        flushReports: async () => {
          order.push(`flush in ${life.state()}, ${life.store.get('op')?.restarts.get('restart')?.progress}`)
        },
      },
    )
    await until(() => order.length === 2)
    expect(order).toEqual(['flush in restarting, intended', 'run in begun'])
    await life.close()
  })

  it('takes no new process in the same boot for a restart', async () => {
    const fileSystem = new SimulatedDisk()
    const options = { fileSystem }
    const first = await begin(restarting, options)
    await until(() => first.store.get('op')?.restarts.get('restart')?.progress === 'begun')
    const life = await live(restarting, options)
    await life.reached('failed')
    expect(life.store.get('op')?.record.error).toMatchObject({ code: 'RestartNotObserved', retryable: true })
    await life.close()
  })

  it('gives up a restart that does not come', async () => {
    const fileSystem = new SimulatedDisk()
    const life = await begin(
      async op => {
        await op.restart(() => {}, { timeoutInMs: 1_000 })
      },
      { fileSystem },
    )
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(999)
    expect(life.state()).toBe('restarting')
    life.clock.advance(1)
    await life.reached('failed')
    expect(life.store.get('op')?.record.error?.code).toBe('RestartNotObserved')
    await life.close()
  })

  it('throws what its function throws, and the handler may go on', async () => {
    const fileSystem = new SimulatedDisk()
    const life = await begin(withoutPermission, { fileSystem })
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toEqual({ caught: 'no permission' })
    await life.close()
  })

  it('goes on with an intent that was not carried out', async () => {
    const fileSystem = new SimulatedDisk()
    const options = { fileSystem }
    let runs = 0
    const work: Work = op =>
      op.restart(() => {
        runs += 1
      })
    const first = await begin(work, { ...options, flushReports: () => new Promise(() => {}) })
    await first.reached('restarting')
    await live(work, options)
    await until(() => runs === 1)
    const life = await live(work, { ...options, bootId: 'boot-2' })
    await life.reached('succeeded')
    expect(runs).toBe(1)
    await life.close()
  })

  it('may be made more than once in one operation, but not without end', async () => {
    const fileSystem = new SimulatedDisk()
    let runs = 0
    const work: Work = async op => {
      for (let n = 1; ; n += 1) {
        const restart = () => {
          runs += 1
        }
        await op.restart(restart, { name: `restart ${n}` })
      }
    }
    let life = await begin(work, { fileSystem, bootId: 'boot-0' })
    for (let boot = 1; boot <= 10; boot += 1) {
      await until(() => life.store.get('op')?.restarts.get(`restart ${boot}`)?.progress === 'begun' && runs === boot)
      life = await live(work, { fileSystem, bootId: `boot-${boot}` })
    }
    await life.reached('failed')
    expect(runs).toBe(10)
    expect(life.errors).toEqual([new RangeError('restart: expected at most 10 in one operation')])
    await life.close()
  })

  it.each([0, 1.5, Number.NaN, 2 ** 31])('refuses %s as timeoutInMs', async timeoutInMs => {
    const fileSystem = new SimulatedDisk()
    const life = await begin(op => op.restart(() => {}, { timeoutInMs }), { fileSystem })
    await life.reached('failed')
    expect(life.errors).toEqual([
      new RangeError(`timeoutInMs: expected an integer from 1 to 2147483647, got ${timeoutInMs}`),
    ])
    await life.close()
  })
})
