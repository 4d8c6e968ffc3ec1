import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { type DeviceScript, FirmwareLab, image } from '../../test/firmware/firmware-lab.ts'

/** A device that dies at the given calls of its hooks, before and after what they do. */
async function dyingAt(deaths: readonly number[], health: boolean): Promise<FirmwareLab> {
  let calls = 0
  const moment = async (): Promise<void> => {
    calls += 1
    if (deaths.includes(calls)) await lab.die()
  }
  const script: DeviceScript = {
    download: async ({ file }) => {
      await moment()
      await writeFile(file, image)
      await moment()
    },
    apply: moment,
    confirm: async () => {
      await moment()
      return health
    },
    commit: moment,
    rollback: moment,
  }
  const lab = await FirmwareLab.open(script)
  return lab
}

/** More calls of hooks than any update makes. */
const moments = 12

it.each([
  ['good', true, { state: 'succeeded', result: { version: '2.0.0' } }, '2.0.0'],
  ['bad', false, { state: 'failed', error: { code: 'HealthCheckFailed' } }, '1.0.0'],
] as const)(
  'R1, F10: a %s image has one outcome wherever the device dies, once or twice',
  async (_, health, outcome, version) => {
    const runs: number[][] = []
    for (let first = 1; first <= moments; first += 1) {
      runs.push([first])
      for (let second = first + 1; second <= moments; second += 5) runs.push([first, second])
    }
    for (const deaths of runs) {
      await using lab = await dyingAt(deaths, health)
      const record = await lab.update()
      expect(record, `dead at ${deaths.join(', ')}`).toMatchObject(outcome)
      // What runs is what is reported, and what would run after one more power cut.
      expect({ running: lab.running, next: lab.next }).toEqual({ running: version, next: version })
      expect(record.attempt).toBeLessThanOrEqual(2 + deaths.length + (health ? 0 : 1))
    }
  },
  60_000,
)
