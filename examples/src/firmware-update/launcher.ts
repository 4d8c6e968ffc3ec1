import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { chooseSlot } from '@iothub-dm/device/launcher'
import type TypedEmitter from 'typed-emitter'
import { endProcess } from '../support/end-process.ts'
import { cameraVariables, restartExitCode } from './device-environment.ts'

/** One life of the device program. */
export interface CameraLife {
  readonly processId: number
  /** The slot that it was started from. */
  readonly slot: string
  readonly isTrial: boolean
}

/** How a life of the device program ended. */
export interface CameraEnd {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** Events of {@link Launcher}. */
export type LauncherEvents = {
  started: (life: CameraLife) => void
  /** The device program is connected to the hub. */
  connected: (life: CameraLife, version: string) => void
  /** The firmware update has come to a phase. */
  phase: (phase: string) => void
  exited: (life: CameraLife, end: CameraEnd) => void
  /** The device program has printed something. */
  output: (text: string) => void
  /** There is nothing to start. */
  failed: (error: unknown) => void
}

/** Where a {@link Launcher} finds everything. */
export interface LauncherOptions {
  readonly slotsDirectory: string
  /** File for the device program, see `CameraPlace`. */
  readonly configFile: string
  /** Options of Node for the device program. */
  readonly nodeOptions?: readonly string[] | undefined
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed-emitter types the events, EventEmitter is the class
const Base: new () => TypedEmitter<LauncherEvents> = EventEmitter as new () => TypedEmitter<LauncherEvents>

/**
 * What the boot loader and systemd are to a real device: starts the program of the slot that is to be started, whenever there is none
 * running. It is the one part that an update does not replace, so it is small.
 */
export class Launcher extends Base implements AsyncDisposable {
  readonly #options: LauncherOptions
  #bootId: string = randomUUID()
  #process: ChildProcess | undefined
  #stopped = false

  constructor(options: LauncherOptions) {
    super()
    this.#options = options
  }

  /** Starts the device program; from then on it is started again whenever it ends. */
  async start(): Promise<void> {
    const { slotsDirectory, configFile, nodeOptions = [] } = this.#options
    const { program, slot, isTrial } = await chooseSlot(slotsDirectory)
    if (this.#stopped) return
    const child = spawn(process.execPath, [...nodeOptions, program], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '', ...cameraVariables(configFile, this.#bootId) },
    })
    this.#process = child
    const life = { processId: child.pid ?? 0, slot, isTrial }
    this.emit('started', life)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.emit('output', text))
    }
    child.on('message', message => this.#tell(life, message))
    child.on('exit', (exitCode, signal) => {
      this.emit('exited', life, { exitCode, signal })
      if (this.#stopped) return
      if (exitCode === restartExitCode) this.#bootId = randomUUID()
      this.start().catch(error => this.emit('failed', error))
    })
  }

  /** Kills the device program as a power cut would. */
  kill(): void {
    this.#process?.kill('SIGKILL')
  }

  /** Ends the device program, for good. */
  async stop(): Promise<void> {
    this.#stopped = true
    await endProcess(this.#process)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #tell(life: CameraLife, message: unknown): void {
    if (typeof message !== 'object' || message === null) return
    if ('version' in message && typeof message.version === 'string') this.emit('connected', life, message.version)
    if ('phase' in message && typeof message.phase === 'string') this.emit('phase', message.phase)
  }
}
