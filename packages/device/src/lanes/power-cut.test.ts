import { action, defineContract, type JsonObject } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { powerCutImages } from '../../test/journal/power-cut-images.ts'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { LaneBench } from '../../test/lane-bench.ts'
import { implement } from '../implementation/implement.ts'

const contract = defineContract({ actions: { work: action() } })
const implementation = implement(contract, { actions: { work: () => {} } })

const running: JsonObject = {
  operationId: 'desired-1-0',
  state: 'running',
  status: 'running',
  attempt: 1,
  acceptedTime: '2026-01-01T00:00:00.000Z',
  startedTime: '2026-01-01T00:00:00.000Z',
  updatedTime: '2026-01-01T00:00:00.000Z',
}

/** What the hub of a device that had begun the nameless request shows of it. */
async function reportedByNameless(): Promise<JsonObject> {
  const bench = await LaneBench.start({ implementation })
  await bench.change({ iothubDM: { work: {} } })
  const [operationId] = [...bench.life.store.newest().values()].map(log => log.operationId)
  return { iothubDM: { work: { ...running, operationId: operationId ?? '' } } }
}

describe('R3: a power cut at any call of the disk', () => {
  it.each<[string, JsonObject, 'nothing' | 'running', string]>([
    ['a request with an id', { operationId: 'op' }, 'nothing', 'succeeded'],
    ['a request without an id', {}, 'nothing', 'succeeded'],
    ['a request that has expired', { operationId: 'op', expiresAt: '2025-01-01T00:00:00Z' }, 'nothing', 'expired'],
    ['a request without an id that was under way when the journal was lost', {}, 'running', 'failed'],
  ])('leaves one operation of %s', async (_name, work, before, end) => {
    const reported = before === 'running' ? await reportedByNameless() : {}
    const twin = { desired: { iothubDM: { work } }, reported }
    const disk = new SimulatedDisk()
    await LaneBench.start({ implementation, disk, ...twin })
    const { initialImage, calls } = disk
    let images = 0
    for (let length = 0; length <= calls.length; length += 1) {
      for (const image of powerCutImages(initialImage, calls.slice(0, length))) {
        // At another version, so that the id would be another one if it was made again.
        const cut = new SimulatedDisk({ image })
        const bench = await LaneBench.start({ implementation, disk: cut, desiredVersion: 3, ...twin })
        await bench.restart()
        const entries = bench.life.store.ofAction('work')
        expect(
          entries.map(log => log.record.state),
          `after ${length} calls`,
        ).toEqual([end])
        expect(bench.errors).toEqual([])
        images += 1
      }
    }
    expect(images).toBeGreaterThan(20)
  })
})
