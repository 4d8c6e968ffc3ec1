import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { decodeJournal } from '../../src/journal/journal-format.ts'
import { foldEntries } from '../../src/operation/compact-entries.ts'
import { parseJournalEntry } from '../../src/operation/journal-entry.ts'
import type { OperationLog } from '../../src/operation/operation-log.ts'
import { contract, names, operationId, restartExitCode } from './scenario.ts'

/** How one life of the device ended. */
export type LifeEnd = 'killed' | 'restarted' | 'over'

/** What a step did to the world. */
export interface Effect {
  readonly name: string
  readonly attempt: number
}

/** The lives of one device, one after the other, in a folder of its own. */
export class Run {
  readonly folder: string
  /** Points that the last life passed. */
  points = 0
  lives = 0
  kills = 0
  /** Which boot of the device it is. */
  boot = 1
  /** Whether the process was once killed after it had told the device to restart, and before the device did. */
  killedInRestart = false
  /** How often a step had been run when it was first seen to be done. */
  readonly runsWhenDone = new Map<string, number>()
  readonly #program: string

  constructor(program: string, folder: string) {
    this.#program = program
    this.folder = folder
  }

  /** Makes a new and empty folder. */
  static async begin(program: string, folder: string): Promise<Run> {
    await mkdir(folder)
    return new Run(program, folder)
  }

  /** The same device in another folder, from where it is now. */
  async copy(folder: string): Promise<Run> {
    await cp(this.folder, folder, { recursive: true })
    const copy = new Run(this.#program, folder)
    const { lives, kills, boot, killedInRestart } = this
    Object.assign(copy, { lives, kills, boot, killedInRestart })
    for (const [step, runs] of this.runsWhenDone) copy.runsWhenDone.set(step, runs)
    return copy
  }

  /**
   * Lives once.
   *
   * @param killAt the point to be killed at; 0: none
   * @param powerCut whether the kill takes the device with it
   */
  async live(killAt = 0, powerCut = false): Promise<LifeEnd> {
    const args = [this.#program, this.folder, `boot-${this.boot}`, String(killAt)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const [output, errors, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    this.lives += 1
    this.points = Number(output)
    if (signal === 'SIGKILL') {
      this.kills += 1
      await this.#look(powerCut)
      if (powerCut) this.boot += 1
      return 'killed'
    }
    if (code !== 0 && code !== restartExitCode) throw new Error(`the device ended with ${code}: ${errors}`)
    await this.#look(true)
    if (code === 0) return 'over'
    this.boot += 1
    return 'restarted'
  }

  /** Lives until the operation is over, and tells how many points each life has passed. */
  async finish(maxLives: number): Promise<readonly number[]> {
    const points: number[] = []
    while (points.length < maxLives) {
      const end = await this.live()
      points.push(this.points)
      if (end === 'over') return points
    }
    throw new Error(`the operation is not over after ${maxLives} more lives`)
  }

  /** What the journal says of the operation; undefined before it was accepted. */
  async log(): Promise<OperationLog | undefined> {
    const path = join(this.folder, names.state, 'journal')
    const bytes = await readFile(path).catch(() => undefined)
    if (bytes === undefined) return undefined
    const { entries } = decodeJournal(bytes, path, parseJournalEntry)
    return foldEntries(entries, () => contract.actions.work.phases).get(operationId)
  }

  /** All that was done to the world so far. */
  async effects(): Promise<readonly Effect[]> {
    const lines = await readFile(join(this.folder, names.effects), 'utf8').catch(() => '')
    return lines
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [name = '', attempt] = line.split(' ')
        return { name, attempt: Number(attempt) }
      })
  }

  async #look(deviceRestarts: boolean): Promise<void> {
    const log = await this.log()
    const effects = await this.effects()
    if (!deviceRestarts && log?.restarts.get('restart')?.progress === 'begun') this.killedInRestart = true
    for (const [step, { done }] of log?.steps ?? []) {
      if (done && !this.runsWhenDone.has(step)) {
        this.runsWhenDone.set(step, effects.filter(({ name }) => name === step).length)
      }
    }
  }
}

/** Works through the items, some at a time. */
export async function inParallel<TItem>(
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
