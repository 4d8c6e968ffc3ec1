import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { decodeOperationRecord, type OperationRecord, operationSection } from '@iothub-dm/protocol'
import { names } from './device-folder.ts'
import { readReported } from './file-hub.ts'
import { patternOf } from './patterns/patterns.ts'
import { type DeviceProgram, Run } from './run.ts'

/** What a {@link sweepPattern} works with. */
export interface SweepOptions {
  readonly program: DeviceProgram
  /** A folder for the devices. */
  readonly scratch: string
  /** Of the points of a recovery, every how manieth one is killed at; 1: all of them. */
  readonly stride: number
}

/** The figures of a sweep. */
export interface SweepFigures {
  /** The points of the undisturbed lives, in their order. */
  readonly points: readonly string[]
  singles: number
  pairs: number
  readonly outcomes: Record<string, number>
  /** Effects that were done again, every one of them with its attempt. */
  repeats: number
  readonly processes: number
}

/**
 * Kills a device at every point of an undisturbed run, the process alone and with a loss of power, and then again in the recovery; holds
 * every end against what is promised.
 */
export async function sweepPattern({ program, scratch, stride }: SweepOptions): Promise<SweepFigures> {
  let folders = 0
  const newFolder = (): string => join(scratch, `${program.pattern}-${++folders}`)
  const pattern = patternOf(program.pattern)
  const figures = { points: [] as string[], singles: 0, pairs: 0, outcomes: {}, repeats: 0, processes: 0 }
  const outcomes: Record<string, number> = figures.outcomes

  // The lives of an undisturbed run, each as it was before.
  const before: { readonly run: Run; readonly points: number }[] = []
  const undisturbed = await Run.begin(program, newFolder())
  for (let end = 'restarted'; end !== 'over'; ) {
    const run = await undisturbed.copy(newFolder())
    end = await undisturbed.live()
    before.push({ run, points: undisturbed.points.length })
    figures.points.push(...undisturbed.points)
  }
  await judge(undisturbed)

  /** Recovers to the end; tells how many points the next life has passed. */
  async function recover(run: Run): Promise<number> {
    let first: number | undefined
    const maxLives = before.length + run.kills + pattern.extraLives
    for (let end = 'killed'; end !== 'over'; ) {
      assert.ok(run.lives < maxLives, `not over after ${run.lives} lives and ${run.kills} kills`)
      end = await run.live()
      first ??= run.points.length
    }
    await judge(run)
    return first ?? 0
  }

  async function judge(run: Run): Promise<void> {
    const [log, effects] = await Promise.all([run.log(), run.effects()])
    const reported = readReported(join(run.folder, names.hub))
    if (log !== undefined) {
      assert.ok(log.reported, 'the hub has the end')
      assert.deepEqual(
        withoutProgress(decodeOperationRecord(operationSection(reported, log.action))),
        withoutProgress(log.record),
      )
    }
    const outcome = log?.record.state ?? 'configured'
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    for (const name of new Set(effects.map(effect => effect.name))) {
      const attempts = effects.filter(effect => effect.name === name).map(({ attempt }) => attempt)
      assert.ok(attempts.length <= run.kills + 1, `${name} was done ${attempts.length} times in ${run.kills} kills`)
      // Every repeat can be told by its attempt, and what is done is not done again.
      if (attempts[0] !== 0)
        assert.deepEqual(
          attempts,
          [...new Set(attempts)].toSorted((left, right) => left - right),
        )
      assert.equal(attempts.length, run.runsWhenDone.get(name) ?? attempts.length, `${name} was done again`)
      figures.repeats += attempts.length - 1
    }
    const { boot: boots, killedInRestart } = run
    pattern.verify({ reported, log, effects, folder: join(run.folder, names.device), boots, killedInRestart })
    figures.processes += run.lives
    await rm(run.folder, { recursive: true })
  }

  const kills = before.flatMap(({ run, points }) =>
    Array.from({ length: points }, (_, at) => ({ run, killAt: at + 1 })),
  )
  await inParallel(kills, availableParallelism(), async ({ run, killAt }) => {
    // Killing the process alone shows the same states of the disk; of losses of power some will do.
    for (const powerCut of stride === 1 || killAt % 3 === 0 ? [false, true] : [false]) {
      const killed = await run.copy(newFolder())
      await killed.live(killAt, powerCut)
      const where = `${program.pattern}: life ${killed.lives} killed at point ${killAt}, power cut: ${powerCut}`
      const recoveryPoints = await recover(await killed.copy(newFolder())).catch(blame(where))
      figures.singles += 1
      // Each first kill takes other points of its recovery; without a stride all do, else every fourth one any.
      const last = stride === 1 || killAt % 4 === 0 ? recoveryPoints : 0
      const first = 1 + ((killAt + (powerCut ? stride >> 1 : 0)) % stride)
      for (let at = first; at <= last; at += stride) {
        const twice = await killed.copy(newFolder())
        await twice.live(at, powerCut)
        await recover(twice).catch(blame(`${where}, then at point ${at}`))
        figures.pairs += 1
      }
      await rm(killed.folder, { recursive: true })
    }
  })
  return figures
}

/** How far a phase is does not go into the journal. */
function withoutProgress(record: OperationRecord | undefined): Partial<OperationRecord> {
  const { percent: _percent, detail: _detail, ...rest } = record ?? {}
  return rest
}

function blame(where: string): (error: unknown) => never {
  return cause => {
    throw new Error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

async function inParallel<TItem>(
  items: readonly TItem[],
  width: number,
  work: (item: TItem) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
