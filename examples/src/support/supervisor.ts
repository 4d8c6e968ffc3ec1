import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import type TypedEmitter from 'typed-emitter'
import { type DeviceEnvironment, rebootExitCode, writeDeviceEnvironment } from './device-environment.ts'
import { endProcess } from './end-process.ts'

/** One life of a device program. */
export interface DeviceLife {
  readonly processId: number
  readonly bootId: string
}

/** Events of {@link Supervisor}. */
export type SupervisorEvents = {
  /** The device program runs and is connected to the hub. */
  connected: (life: DeviceLife) => void
  /** The device program ended; the supervisor starts it again. */
  exited: (life: DeviceLife, exitCode: number | null) => void
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed-emitter types the events, EventEmitter is the class
const Base: new () => TypedEmitter<SupervisorEvents> = EventEmitter as new () => TypedEmitter<SupervisorEvents>

/**
 * What systemd and the boot loader are to a real device: keeps the device program running, and gives it a new boot id when, and only
 * when, it asked for a reboot. After a crash the boot id stays the same.
 */
export class Supervisor extends Base implements AsyncDisposable {
  readonly #program: string
  readonly #environment: Omit<DeviceEnvironment, 'bootId'>
  #bootId: string = randomUUID()
  #process: ChildProcess | undefined
  #stopped = false

  /** @param program tells by a message of its process that it is connected */
  constructor(program: URL, environment: Omit<DeviceEnvironment, 'bootId'>) {
    super()
    this.#program = fileURLToPath(program)
    this.#environment = environment
  }

  /** Starts the device program, and waits until it is connected; a program that ends instead is a failure. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.once('connected', () => resolve())
      this.once('exited', (_life, exitCode) => reject(new Error(`the device program ended with code ${exitCode}`)))
      this.#spawn()
    })
  }

  #spawn(): void {
    const bootId = this.#bootId
    const child = spawn(process.execPath, [...process.execArgv, this.#program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...writeDeviceEnvironment({ ...this.#environment, bootId }) },
    })
    this.#process = child
    const life = { processId: child.pid ?? 0, bootId }
    child.on('message', () => this.emit('connected', life))
    child.on('exit', exitCode => {
      this.emit('exited', life, exitCode)
      if (this.#stopped) return
      if (exitCode === rebootExitCode) this.#bootId = randomUUID()
      this.#spawn()
    })
  }

  /** Ends the device program, for good. */
  async stop(): Promise<void> {
    this.#stopped = true
    await endProcess(this.#process)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
