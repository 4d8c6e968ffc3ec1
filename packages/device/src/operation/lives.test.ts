import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate, until } from '../../test/simulated-life.ts'
import { begin, live, type Work } from '../../test/work-life.ts'

const forever = () => new Promise<never>(() => {})
const untilTold: Work = op =>
  new Promise((_resolve, reject) => op.signal.addEventListener('abort', () => reject(op.signal.reason)))

describe('the lives of a handler', () => {
  it('R5: end after maxAttempts, counted before anything that could crash the device', async () => {
    const fileSystem = new SimulatedDisk()
    let runs = 0
    const crash: Work = () => {
      runs += 1
      return forever()
    }
    await begin(crash, { fileSystem })
    await until(() => runs === 1)
    let boots = 1
    for (; boots <= 50; boots += 1) {
      const life = await live(crash, { fileSystem, bootId: `boot-${boots + 1}` })
      const before = runs
      await until(() => runs > before || life.state() === 'failed')
      if (life.state() === 'failed') break
    }
    expect({ runs, boots: boots + 1 }).toEqual({ runs: 3, boots: 4 })
  })

  it('R5: end as well when the crash is in a step that was begun, whatever was done before it', async () => {
    const fileSystem = new SimulatedDisk()
    let tries = 0
    const crash: Work = async op => {
      await op.step('harmless', () => {})
      await op.step('harmful', () => {
        tries += 1
        return forever()
      })
    }
    await begin(crash, { fileSystem })
    await until(() => tries === 1)
    for (let boot = 2; ; boot += 1) {
      const life = await live(crash, { fileSystem, bootId: `boot-${boot}` })
      const before = tries
      await until(() => tries > before || life.state() === 'failed')
      if (life.state() !== 'failed') continue
      expect(life.store.get('op')?.record.error?.code).toBe('TooManyAttempts')
      expect(boot).toBe(4)
      break
    }
    expect(tries).toBe(3)
  })

  it.each([
    ['heeds', untilTold],
    ['does not heed', forever],
  ])('do not count when the agent closes in good order, and the handler %s its signal', async (_name, work) => {
    const fileSystem = new SimulatedDisk()
    let life = await begin(work, { fileSystem })
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      await until(() => life.store.get('op')?.record.attempt === attempt)
      // A handler that does not heed its signal has the agent close without it.
      const closing = life.close()
      if (work === forever) await until(() => life.store.get('op')?.suspended === true)
      else await closing
      await life.store.settled()
      life = await live(work, { fileSystem })
    }
    await until(() => life.store.get('op')?.record.attempt === 11)
    expect(life.errors).toEqual([])
  })

  it('do not count either when they are mixed with crashes: only the crashes do', async () => {
    const fileSystem = new SimulatedDisk()
    let life = await begin(untilTold, { fileSystem })
    for (const end of ['crash', 'close', 'close', 'crash', 'close', 'crash']) {
      await until(() => life.state() === 'running')
      if (end === 'close') await life.close()
      const before = life.store.get('op')?.record.attempt ?? 0
      life = await live(untilTold, { fileSystem })
      await until(() => (life.store.get('op')?.record.attempt ?? 0) > before || life.state() === 'failed')
    }
    expect(life.store.get('op')?.record).toMatchObject({ state: 'failed', error: { code: 'TooManyAttempts' } })
    await life.close()
  })

  it('C7: that were cut off show as interrupted in the next one', async () => {
    const fileSystem = new SimulatedDisk()
    const begun = gate()
    await begin(
      () => {
        begun.open()
        return forever()
      },
      { fileSystem },
    )
    await begun.promise
    const life = await live(untilTold, { fileSystem })
    await until(() => life.store.get('op')?.record.attempt === 2)
    expect(life.store.get('op')?.record).toMatchObject({ state: 'running', detail: 'cut off in life 1' })
    expect(life.errors).toEqual([
      expect.objectContaining({
        code: 'OperationInterrupted',
        message: "operation 'op' (work) was cut off in the middle of life 1",
      }),
    ])
    await life.close()
    const next = await live(untilTold, { fileSystem })
    await until(() => next.store.get('op')?.record.attempt === 3)
    expect(next.errors).toEqual([])
    await next.close()
  })

  it('that restart the device are not interrupted', async () => {
    const fileSystem = new SimulatedDisk()
    let restarted = false
    const work: Work = op =>
      op.restart(() => {
        restarted = true
      })
    await begin(work, { fileSystem })
    await until(() => restarted)
    const life = await live(work, { fileSystem, bootId: 'boot-2' })
    await life.reached('succeeded')
    expect(life.errors).toEqual([])
    await life.close()
  })
})
