import { action, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { gate, type LifeOptions, type SimulatedLife, startLife, until } from '../../test/simulated-life.ts'
import type { ActionHandler } from '../implementation/handlers.ts'
import { type Implementation, implement } from '../implementation/implement.ts'
import { SimulatedDisk } from '../journal/simulated-disk.ts'
import type { Operation } from './operation.ts'

const contract = defineContract({
  actions: {
    work: action({
      request: v.object({ target: v.optional(v.number()) }),
      phases: ['warming', 'measuring'],
      result: v.optional(v.unknown()),
      errors: ['sensorFault'],
    }),
  },
})
type Work = ActionHandler<typeof contract.actions.work>

function implementing(work: Work): Implementation {
  return implement(contract, { actions: { work } })
}

/** Starts a life on the directory with a handler of its own, and goes on with what is unfinished. */
async function live(work: Work, options: Omit<LifeOptions, 'implementation'>): Promise<SimulatedLife> {
  const life = await startLife({ implementation: implementing(work), ...options })
  life.manager.resume()
  return life
}

/** Begins operation `op` in a first life. */
async function begin(work: Work, options: Omit<LifeOptions, 'implementation'>): Promise<SimulatedLife> {
  const life = await live(work, options)
  await life.begin('work', { operationId: 'op', target: 7 })
  return life
}

describe('op', () => {
  it('tells the operation, its request and the life', async () => {
    const fileSystem = new SimulatedDisk()
    const life = await begin(({ operationId, request, attempt }) => ({ operationId, request, attempt }), {
      fileSystem,
    })
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toEqual({ operationId: 'op', request: { target: 7 }, attempt: 1 })
    await life.close()
  })
})

describe('op.step', () => {
  it('runs a step once, whatever happens after it', async () => {
    const fileSystem = new SimulatedDisk()
    const options = { fileSystem }
    const runs: string[] = []
    const cut = gate()
    const work =
      (hang: boolean): Work =>
      async op => {
        const first = await op.step('first', () => {
          runs.push('first')
          return { n: 1, nothing: undefined }
        })
        const nothing = await op.step('nothing', () => {
          runs.push('nothing')
        })
        if (hang) {
          cut.open()
          await new Promise(() => {})
        }
        return { first, nothing: nothing === undefined, attempt: op.attempt }
      }
    await begin(work(true), options)
    await cut.promise
    const life = await live(work(false), options)
    await life.reached('succeeded')
    expect(runs).toEqual(['first', 'nothing'])
    expect(life.store.get('op')?.record.result).toEqual({ first: { n: 1 }, nothing: true, attempt: 2 })
    await life.close()
  })

  it('runs a step again that was cut off, and tells which try it is', async () => {
    const fileSystem = new SimulatedDisk()
    const options = { fileSystem }
    const attempts: number[] = []
    const work =
      (hang: boolean): Work =>
      op =>
        op.step('cut', ({ attempt }) => {
          attempts.push(attempt)
          return hang ? new Promise(() => {}) : attempt
        })
    await begin(work(true), options)
    await until(() => attempts.length === 1)
    await live(work(true), options)
    await until(() => attempts.length === 2)
    const life = await live(work(false), options)
    await life.reached('succeeded')
    expect(attempts).toEqual([1, 2, 3])
    expect(life.store.get('op')?.record.result).toBe(3)
    await life.close()
  })

  it("lets the handler decide about a step that must not be repeated: 'never'", async () => {
    const fileSystem = new SimulatedDisk()
    const options = { fileSystem }
    let runs = 0
    const cut = gate()
    const work: Work = async op => {
      try {
        await op.step(
          'once',
          () => {
            runs += 1
            cut.open()
            return new Promise(() => {})
          },
          { repeat: 'never' },
        )
      } catch (error) {
        return op.step('look', () => ({ caught: error instanceof Error ? error.name : error }))
      }
      return undefined
    }
    await begin(work, options)
    await cut.promise
    const life = await live(work, options)
    await life.reached('succeeded')
    expect(runs).toBe(1)
    expect(life.store.get('op')?.record.result).toEqual({ caught: 'StepInterruptedError' })
    await life.close()
  })

  it('reports StepInterrupted when the handler does not decide', async () => {
    const fileSystem = new SimulatedDisk()
    const options = { fileSystem }
    const cut = gate()
    const work: Work = op =>
      op.step(
        'once',
        () => {
          cut.open()
          return new Promise(() => {})
        },
        { repeat: 'never' },
      )
    await begin(work, options)
    await cut.promise
    const life = await live(work, options)
    await life.reached('failed')
    expect(life.store.get('op')?.record.error).toMatchObject({ code: 'StepInterrupted', retryable: false })
    await life.close()
  })

  it('lets the handler call a step again that threw', async () => {
    const fileSystem = new SimulatedDisk()
    const life = await begin(
      async op => {
        const step = () =>
          op.step(
            'flaky',
            ({ attempt }) => {
              if (attempt < 3) throw new TypeError('not yet')
              return attempt
            },
            { repeat: 'never' },
          )
        await expect(step()).rejects.toThrow('not yet')
        await expect(step()).rejects.toThrow('not yet')
        return step()
      },
      { fileSystem },
    )
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toBe(3)
    await life.close()
  })

  it.each(['one after the other', 'at once'])('refuses a name that is used twice, %s', async how => {
    const fileSystem = new SimulatedDisk()
    let runs = 0
    const life = await begin(
      async op => {
        const first = op.step('same', () => {
          runs += 1
        })
        if (how === 'one after the other') await first
        await Promise.all([
          first,
          op.step('same', () => {
            runs += 1
          }),
        ])
      },
      { fileSystem },
    )
    await life.reached('failed')
    expect(life.errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining("'same' was used twice") }),
    ])
    expect(runs).toBe(1)
    await life.close()
  })

  it.each([
    ['a class instance', new Date(0), TypeError],
    ['a number that is none', Number.NaN, TypeError],
    ['more than 64 KiB', 'x'.repeat(65_536), RangeError],
  ])('refuses %s as a result, and does not call the step done', async (_name, value, kind) => {
    const fileSystem = new SimulatedDisk()
    const life = await begin(op => op.step('s', () => value), { fileSystem })
    await life.reached('failed')
    expect(life.errors).toEqual([expect.any(kind)])
    await life.close()
  })

  it('does not run before its begin is on disk', async () => {
    let full = false
    const fileSystem = new SimulatedDisk({ fault: call => (full && call === 'write' ? 'ENOSPC' : undefined) })
    let runs = 0
    const life = await begin(
      async op => {
        full = true
        await op.step('s', () => {
          runs += 1
        })
      },
      { fileSystem },
    )
    await until(() => life.errors.length > 0)
    expect(life.errors[0]).toMatchObject({ code: 'PersistenceFailed', causeCode: 'ENOSPC' })
    expect(runs).toBe(0)
    await life.close()
  })
})

describe('op.phase and op.progress', () => {
  it('never go back when a life runs again from the top', async () => {
    const fileSystem = new SimulatedDisk()
    const options = { fileSystem }
    const cut = gate()
    const seen: unknown[] = []
    const work =
      (hang: boolean): Work =>
      async op => {
        op.phase('warming')
        op.progress(90, 'hot')
        await op.step('warm', () => {})
        op.phase('measuring')
        op.progress(10, 'first')
        await op.step('measure', () => {})
        if (hang) {
          cut.open()
          await new Promise(() => {})
        }
      }
    await begin(work(true), options)
    await cut.promise
    const life = await startLife({ implementation: implementing(work(false)), ...options })
    life.store.onChange(({ record }) => seen.push([record.state, record.status, record.percent, record.detail]))
    life.manager.resume()
    await life.reached('succeeded')
    expect(seen).toEqual([
      ['running', 'measuring', undefined, undefined],
      ['running', 'measuring', 10, 'first'],
      ['succeeded', 'succeeded', undefined, undefined],
    ])
    await life.close()
  })

  it('refuse misuse', async () => {
    const fileSystem = new SimulatedDisk()
    const life = await begin(
      op => {
        expect(() => op.progress(101)).toThrow(new RangeError('percent: expected 0 to 100, got 101'))
        expect(() => op.progress(Number.NaN)).toThrow(RangeError)
        const untyped: Operation = op
        expect(() => untyped.phase('cooling')).toThrow("expected one of warming, measuring, got 'cooling'")
        expect(() => untyped.fail('other')).toThrow("expected one of sensorFault, got 'other'")
        return 'checked'
      },
      { fileSystem },
    )
    await life.reached('succeeded')
    await life.close()
  })
})

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
        await op.restart(() => void order.push(`run in ${life.store.get('op')?.restarts[0]?.progress}`))
      },
      {
        fileSystem,
        flushReports: async () => {
          order.push(`flush in ${life.state()}, ${life.store.get('op')?.restarts[0]?.progress}`)
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
    await until(() => first.store.get('op')?.restarts[0]?.progress === 'begun')
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
      for (;;)
        await op.restart(() => {
          runs += 1
        })
    }
    let life = await begin(work, { fileSystem, bootId: 'boot-0' })
    for (let boot = 1; boot <= 10; boot += 1) {
      await until(() => life.store.get('op')?.restarts[boot - 1]?.progress === 'begun' && runs === boot)
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
