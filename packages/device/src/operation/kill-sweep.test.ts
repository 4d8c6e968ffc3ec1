import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeReportedOperation } from '@iothub-dm/protocol'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readReported } from '../../test/kill-sweep/file-hub.ts'
import { inParallel, Run } from '../../test/kill-sweep/run.ts'
import { contract, names } from '../../test/kill-sweep/scenario.ts'

/** Of the points of a recovery, every how manieth one is killed at; 1 for all of them, which takes many minutes. */
const stride = Number(process.env.KILL_SWEEP_STRIDE ?? 64)

let scratch: string
let program: string
let folders = 0

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'kill-sweep-'))
  // One file of plain JavaScript: a life takes a tenth of a second then.
  await build({
    entry: [fileURLToPath(new URL('../../test/kill-sweep/device.ts', import.meta.url))],
    outDir: scratch,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    target: 'node20',
    noExternal: [/.*/],
    config: false,
    silent: true,
    esbuildOptions: options => {
      options.conditions = ['@iothub-dm/source']
    },
  })
  program = join(scratch, 'device.mjs')
}, 60_000)

afterAll(() => rm(scratch, { recursive: true, force: true }))

function newFolder(): string {
  folders += 1
  return join(scratch, `run-${folders}`)
}

/**
 * Recovers to the end, without another kill, and holds the run against what is promised.
 *
 * @returns how many points the next life has passed
 */
async function recover(run: Run, powerCuts: boolean): Promise<number> {
  const bootsBefore = run.boot
  // One life more where the device has yet to restart.
  const [points = 0] = await run.finish(2)
  expect(run.lives).toBeLessThanOrEqual(run.kills + 2)

  const log = await run.log()
  expect(log?.reported).toBe(true)
  const reported = decodeReportedOperation('work', contract.actions.work, readReported(join(run.folder, names.hub)))
  expect(reported).toMatchObject({ record: log?.record })

  const effects = await run.effects()
  const attemptsOf = (step: string) => effects.filter(({ name }) => name === step).map(({ attempt }) => attempt)
  for (const step of ['first', 'second']) {
    const attempts = attemptsOf(step)
    expect(attempts.length).toBeLessThanOrEqual(run.kills + 1)
    // Every repeat can be told by its attempt.
    expect(attempts).toEqual([...new Set(attempts)].toSorted((left, right) => left - right))
    const runsWhenDone = run.runsWhenDone.get(step)
    if (runsWhenDone !== undefined) expect(attempts).toHaveLength(runsWhenDone)
  }
  expect(attemptsOf('restart').length).toBeLessThanOrEqual(1)

  if (log?.record.state === 'succeeded') {
    expect(run.boot).toBeGreaterThan(1)
    expect(attemptsOf('first').length).toBeGreaterThan(0)
    expect(attemptsOf('second').length).toBeGreaterThan(0)
  } else {
    // The process came back and the device had not restarted: there is no proof.
    expect(log?.record).toMatchObject({ state: 'failed', error: { code: 'RestartNotObserved' } })
    expect({ powerCuts, killedInRestart: run.killedInRestart }).toEqual({ powerCuts: false, killedInRestart: true })
    expect(run.boot).toBe(bootsBefore)
  }
  await rm(run.folder, { recursive: true })
  return points
}

describe('a device that is killed at every call of the file system', () => {
  it('ends every operation, does nothing twice that is done, and claims no restart without proof', async () => {
    // The two lives of an undisturbed run: up to the restart, and after it.
    const fresh = await Run.begin(program, newFolder())
    const restarting = await fresh.copy(newFolder())
    expect(await restarting.live()).toBe('restarted')
    const points = [restarting.points]
    const undisturbed = await restarting.copy(newFolder())
    expect(await undisturbed.live()).toBe('over')
    points.push(undisturbed.points)
    expect(points.every(count => count > 30)).toBe(true)

    const kills = [fresh, restarting].flatMap((life, index) =>
      Array.from({ length: points[index] ?? 0 }, (_, at) => ({ life, killAt: at + 1 })),
    )
    let pairs = 0
    await inParallel(kills, availableParallelism(), async ({ life, killAt }) => {
      const killed = await life.copy(newFolder())
      await killed.live(killAt)
      for (const powerCut of [false, true]) {
        const survivor = await killed.copy(newFolder())
        if (powerCut) survivor.boot += 1
        const recoveryPoints = await recover(await survivor.copy(newFolder()), powerCut)
        // Each first kill takes other points of its recovery.
        for (let at = 1 + ((killAt + (powerCut ? stride / 2 : 0)) % stride); at <= recoveryPoints; at += stride) {
          const twice = await survivor.copy(newFolder())
          await twice.live(at, powerCut)
          await recover(twice, powerCut)
          pairs += 1
        }
        await rm(survivor.folder, { recursive: true })
      }
      await rm(killed.folder, { recursive: true })
    })
    expect(pairs).toBeGreaterThan(0)
  }, 600_000)
})
