import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { decodeSurvivors } from '../../src/factory-reset/survivors.ts'
import { decodeJournal } from '../../src/journal/journal-format.ts'
import { foldEntries } from '../../src/operation/compact-entries.ts'
import type { JournalEntry } from '../../src/operation/journal-entry.ts'
import type { OperationLog } from '../../src/operation/operation-log.ts'
import { type DeviceEntry, parseDeviceEntry } from '../../src/state/device-entry.ts'
import { names, restartExitCode } from './device-folder.ts'
import { type Effect, operationId } from './pattern-program.ts'
import { patternOf } from './patterns/patterns.ts'

/** A life takes a tenth of a second. */
const longestLifeInMs = 60_000

/** How one life of the device ended. */
export type LifeEnd = 'killed' | 'restarted' | 'over'

/** What is run: the built program, and the name of its pattern. */
export interface DeviceProgram {
  readonly path: string
  readonly pattern: string
}

/** The lives of one device, one after the other, in a folder of its own. */
export class Run {
  readonly folder: string
  /** The points that the last life passed, unless it was killed. */
  points: readonly string[] = []
  lives = 0
  kills = 0
  /** Which boot of the device it is. */
  boot = 1
  /** Whether the process was once killed after it had told the device to restart, and before the device did. */
  killedInRestart = false
  /** How often a step had been run when it was first seen to be done. */
  readonly runsWhenDone = new Map<string, number>()
  readonly #program: DeviceProgram

  constructor(program: DeviceProgram, folder: string) {
    this.#program = program
    this.folder = folder
  }

  /** A new device in a new folder. */
  static async begin(program: DeviceProgram, folder: string): Promise<Run> {
    await mkdir(join(folder, names.device), { recursive: true })
    await writeFile(join(folder, names.device, 'photos'), 'holiday')
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
    const { path, pattern } = this.#program
    const args = [path, pattern, this.folder, `boot-${this.boot}`, String(killAt)]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longestLifeInMs,
      killSignal: 'SIGTERM',
    })
    const [output, errors, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    this.lives += 1
    if (signal === 'SIGKILL') {
      this.kills += 1
      await this.#look(powerCut)
      if (powerCut) this.boot += 1
      return 'killed'
    }
    if (signal !== null) throw new Error(`the device does not come to an end: ${signal}`)
    if (code !== 0 && code !== restartExitCode) throw new Error(`the device ended with ${code}: ${errors}`)
    this.points = JSON.parse(output)
    await this.#look(true)
    if (code === 0) return 'over'
    this.boot += 1
    return 'restarted'
  }

  /** What the device knows of the operation, in its journal or outside of it; undefined while it knows nothing. */
  async log(): Promise<OperationLog | undefined> {
    const state = join(this.folder, names.state)
    const journal = await readFile(join(state, 'journal')).catch(() => undefined)
    const entries = journal === undefined ? [] : decodeJournal(journal, state, parseDeviceEntry).entries
    const survivors = decodeSurvivors(await readFile(`${state}.survival`).catch(() => undefined)).entries
    return this.#fold(entries.filter(isOperationEntry)) ?? this.#fold(survivors)
  }

  #fold(entries: readonly JournalEntry[]): OperationLog | undefined {
    const { actions } = patternOf(this.#program.pattern).contract
    return foldEntries(entries, action => actions[action]?.phases ?? []).get(operationId)
  }

  /** All that was done to the world so far. */
  async effects(): Promise<readonly Effect[]> {
    const lines = await readFile(join(this.folder, names.effects), 'utf8').catch(() => '')
    return lines
      .split('\n')
      .filter(line => line !== '')
      .map((line): Effect => JSON.parse(line))
  }

  async #look(deviceRestarts: boolean): Promise<void> {
    const log = await this.log()
    const effects = await this.effects()
    const restarting = [...(log?.restarts.values() ?? [])].some(({ progress }) => progress === 'begun')
    if (!deviceRestarts && restarting) this.killedInRestart = true
    for (const [step, { done }] of log?.steps ?? []) {
      if (done && !this.runsWhenDone.has(step)) {
        this.runsWhenDone.set(step, effects.filter(({ name }) => name === step).length)
      }
    }
  }
}

function isOperationEntry(entry: DeviceEntry): entry is JournalEntry {
  return 'operationId' in entry
}
