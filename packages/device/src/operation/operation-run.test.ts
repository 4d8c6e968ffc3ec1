import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate, startLife, until } from '../../test/simulated-life.ts'
import { begin, implementing, live, type Work } from '../../test/work-life.ts'
import type { Operation } from './operation.ts'

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
      ['running', 'measuring', undefined, 'cut off in life 1'],
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
