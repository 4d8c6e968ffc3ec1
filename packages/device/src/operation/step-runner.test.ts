import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate, type SimulatedLife, until } from '../../test/simulated-life.ts'
import { begin, live, type Work } from '../../test/work-life.ts'

const forever = () => new Promise<never>(() => {})

/** Cuts a first version off in the middle, and lets a second one go on. */
async function change(first: (hang: () => Promise<never>) => Work, second: Work): Promise<SimulatedLife> {
  const fileSystem = new SimulatedDisk()
  const cut = gate()
  const hang = () => {
    cut.open()
    return forever()
  }
  await begin(first(hang), { fileSystem })
  await cut.promise
  return live(second, { fileSystem, bootId: 'boot-2' })
}

describe('the time limit of a step', () => {
  it('aborts its signal and throws, whether or not the step heeds it', async () => {
    let seen: unknown
    const life = await begin(
      async op => {
        const step = op.step(
          'slow',
          ({ signal }) => {
            signal.addEventListener('abort', () => {
              seen = signal.reason
            })
            return forever()
          },
          { timeoutInMs: 1_000 },
        )
        return step.catch((error: unknown) => (error instanceof Error ? error.message : ''))
      },
      { fileSystem: new SimulatedDisk() },
    )
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(1_000)
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toBe("step 'slow' took longer than 1000 ms")
    expect(seen).toMatchObject({ code: 'StepTimedOut' })
    expect(life.clock.pendingTimers).toBe(0)
    await life.close()
  })

  it('fails an operation whose handler does not decide, and may be tried again', async () => {
    const life = await begin(op => op.step('slow', forever, { timeoutInMs: 1_000 }), {
      fileSystem: new SimulatedDisk(),
    })
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(1_000)
    await life.reached('failed')
    const message = "step 'slow' took longer than 1000 ms"
    expect(life.store.get('op')?.record.error).toEqual({ code: 'StepTimedOut', message, retryable: true })
    await life.close()
  })

  it('is not shown to a step that ends in time', async () => {
    const life = await begin(op => op.step('quick', () => 5, { timeoutInMs: 1 }), { fileSystem: new SimulatedDisk() })
    await life.reached('succeeded')
    expect(life.clock.pendingTimers).toBe(0)
    await life.close()
  })

  it.each([0, -1, 0.5, Number.NaN, 2 ** 31])('is not %s', async timeoutInMs => {
    const life = await begin(op => op.step('s', () => {}, { timeoutInMs }), { fileSystem: new SimulatedDisk() })
    await life.reached('failed')
    expect(life.errors).toEqual([
      new RangeError(`timeoutInMs: expected an integer from 1 to 2147483647, got ${timeoutInMs}`),
    ])
    await life.close()
  })
})

describe('a handler that a newer version of the software has changed', () => {
  it('passes over a step that is gone', async () => {
    const ran: string[] = []
    const life = await change(
      hang => async op => {
        await op.step('gone', () => void ran.push('gone'))
        await op.step('kept', () => void ran.push('kept'))
        await hang()
      },
      async op => op.step('kept', () => void ran.push('kept again')),
    )
    await life.reached('succeeded')
    expect(ran).toEqual(['gone', 'kept'])
    await life.close()
  })

  it('runs a step that was added, where it is reached', async () => {
    const ran: string[] = []
    const step = (name: string) => () => void ran.push(name)
    const life = await change(
      hang => async op => {
        await op.step('a', step('a'))
        await op.step('b', step('b'))
        await hang()
      },
      async op => {
        await op.step('a', step('a'))
        await op.step('added', step('added'))
        await op.step('b', step('b'))
      },
    )
    await life.reached('succeeded')
    expect(ran).toEqual(['a', 'b', 'added'])
    await life.close()
  })

  it('takes a renamed step for one that is gone and one that was added', async () => {
    const ran: string[] = []
    const life = await change(
      hang => async op => {
        await op.step('old name', () => void ran.push('old'))
        await hang()
      },
      async op => op.step('new name', () => void ran.push('new')),
    )
    await life.reached('succeeded')
    expect(ran).toEqual(['old', 'new'])
    await life.close()
  })

  it('finds a renamed step under the name that it had', async () => {
    const life = await change(
      hang => async op => {
        await op.step('old name', () => 'of the old version')
        await hang()
      },
      async op => op.step('new name', () => 'of the new version', { formerly: 'old name' }),
    )
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toBe('of the old version')
    await life.close()
  })

  it.each(['always', 'never'] as const)('knows that a renamed step was cut off: %s', async repeat => {
    const life = await change(
      hang => op => op.step('old name', hang, { repeat }),
      op => op.step('new name', ({ attempt }) => attempt, { repeat, formerly: 'old name' }),
    )
    await life.reached(repeat === 'never' ? 'failed' : 'succeeded')
    const { result, error } = life.store.get('op')?.record ?? {}
    expect(result ?? error?.code).toBe(repeat === 'never' ? 'StepInterrupted' : 2)
    await life.close()
  })

  it('fails when it lacks a step that must not be repeated, in which it was cut off', async () => {
    const life = await change(
      hang => op => op.step('pay', hang, { repeat: 'never' }),
      async () => 'all is well',
    )
    await life.reached('failed')
    expect(life.store.get('op')?.record.error).toEqual({
      code: 'HandlerChanged',
      message: "the software lacks step 'pay', in which it was cut off",
      retryable: false,
    })
    await life.close()
  })

  it('does not take one restart for another: they are found by their names', async () => {
    const fileSystem = new SimulatedDisk()
    const restarts: string[] = []
    const restart = (name: string) => () => void restarts.push(name)
    await begin(op => op.restart(restart('kept'), { name: 'kept' }), { fileSystem })
    await until(() => restarts.length === 1)
    const changed: Work = async op => {
      await op.restart(restart('added'), { name: 'added' })
      await op.restart(restart('kept again'), { name: 'kept' })
    }
    await live(changed, { fileSystem, bootId: 'boot-2' })
    await until(() => restarts.length === 2)
    const life = await live(changed, { fileSystem, bootId: 'boot-3' })
    await life.reached('succeeded')
    expect(restarts).toEqual(['kept', 'added'])
    await life.close()
  })

  it('passes over a restart that is gone', async () => {
    const fileSystem = new SimulatedDisk()
    let restarts = 0
    const restart = () => {
      restarts += 1
    }
    await begin(op => op.restart(restart), { fileSystem })
    await until(() => restarts === 1)
    const life = await live(async () => 'no restart any more', { fileSystem, bootId: 'boot-2' })
    await life.reached('succeeded')
    await life.close()
  })
})

describe('the name of a step', () => {
  it('is not empty', async () => {
    const life = await begin(op => op.step('', () => {}), { fileSystem: new SimulatedDisk() })
    await life.reached('failed')
    expect(life.errors).toEqual([new TypeError('step: expected a name, got string')])
    await life.close()
  })

  it('is one of at most 1,000', async () => {
    const life = await begin(
      async op => {
        for (let n = 1; ; n += 1) await op.step(`step ${n}`, () => n)
      },
      { fileSystem: new SimulatedDisk() },
    )
    await life.reached('failed')
    expect(life.errors).toEqual([new RangeError("step 'step 1001': expected at most 1000 steps in an operation")])
    await life.close()
  })
})
