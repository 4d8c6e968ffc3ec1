import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate } from '../../test/simulated-life.ts'
import { begin, live, type Work } from '../../test/work-life.ts'

describe('op.pointOfNoReturn', () => {
  it('C6: has cancelling refused from then on, also in the next life', async () => {
    const fileSystem = new SimulatedDisk()
    const reached = gate()
    const go = gate()
    const work: Work = async op => {
      await op.pointOfNoReturn()
      reached.open()
      await go.promise
    }
    const first = await begin(work, { fileSystem })
    await reached.promise
    const refusal = {
      status: 409,
      payload: {
        error: {
          code: 'NotCancellable',
          message: 'the operation is past its point of no return',
          operation: { action: 'work', operationId: 'op', state: 'running' },
        },
      },
    }
    expect(await first.manager.cancel('op')).toEqual(refusal)
    const life = await live(work, { fileSystem })
    expect(await life.manager.cancel('op')).toEqual(refusal)
    go.open()
    await life.reached('succeeded')
    await life.close()
  })

  it('C6: throws when cancelling came first, and the operation ends as cancelled', async () => {
    const before = gate()
    const go = gate()
    let past = false
    const life = await begin(
      async op => {
        before.open()
        await go.promise
        await op.pointOfNoReturn()
        past = true
      },
      { fileSystem: new SimulatedDisk() },
    )
    await before.promise
    const cancelling = life.manager.cancel('op')
    go.open()
    expect(await cancelling).toMatchObject({ status: 200 })
    await life.reached('cancelled')
    expect(past).toBe(false)
    await life.close()
  })

  it('C6: lets one of the two win when they come at once', async () => {
    for (const cancelFirst of [true, false]) {
      const before = gate()
      const go = gate()
      const life = await begin(
        async op => {
          before.open()
          await go.promise
          await op.pointOfNoReturn()
        },
        { fileSystem: new SimulatedDisk() },
      )
      await before.promise
      if (!cancelFirst) go.open()
      if (!cancelFirst) await Promise.resolve()
      const answer = life.manager.cancel('op')
      go.open()
      const { status } = await answer
      await life.reached(status === 200 ? 'cancelled' : 'succeeded')
      await life.close()
    }
  })
})
