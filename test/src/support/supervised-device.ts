import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlackBoxEntry, readBlackBox } from './black-box.ts'
import { bundleProgram } from './bundle-program.ts'
import { ChildProgram, type ProgramExit } from './child-program.ts'
import {
  type DeviceMessage,
  type DeviceSettings,
  deviceSettingsVariable,
  isDeviceMessage,
  rebootExitCode,
} from './device-messages.ts'
import { Mailbox } from './mailbox.ts'

/** How a {@link SupervisedDevice} is started. */
export interface SupervisedDeviceOptions
  extends Pick<DeviceSettings, 'gates' | 'killAtJournalCalls' | 'methodTimeoutInMs' | 'secret'> {
  /** The program that it runs, see `bundleProgram`. Default: the test device. */
  readonly program?: string | undefined
  /** Whether it comes back by itself after a reboot or a crash. Default: true. */
  readonly comesBack?: boolean | undefined
}

/** How the device and its surroundings are reached. */
export interface DevicePlace {
  readonly deviceId: string
  readonly connectionString: string
  readonly ca: string
  /** A folder of its own. */
  readonly directory: string
}

type SupervisorMessage = DeviceMessage | { readonly type: 'exited'; readonly exit: ProgramExit }

/**
 * The test device in a process of its own, under a supervisor that starts it again when it ends: with a new boot id when it has
 * rebooted, with the same one when it was killed, and not at all when it ended in any other way.
 */
export class SupervisedDevice implements AsyncDisposable {
  readonly deviceId: string
  readonly #path: string
  readonly #place: DevicePlace
  readonly #options: SupervisedDeviceOptions
  readonly #messages = new Mailbox<SupervisorMessage>()
  #program: ChildProgram | undefined
  #bootId: string = randomUUID()
  #output = ''
  #closed = false

  private constructor(path: string, place: DevicePlace, options: SupervisedDeviceOptions) {
    this.deviceId = place.deviceId
    this.#path = path
    this.#place = place
    this.#options = options
  }

  static async start(place: DevicePlace, options: SupervisedDeviceOptions = {}): Promise<SupervisedDevice> {
    const device = new SupervisedDevice(await bundleProgram(options.program ?? 'device-program'), place, options)
    device.start()
    return device
  }

  /** Identity of the boot that it is in. */
  get bootId(): string {
    return this.#bootId
  }

  /** All that its processes have printed. */
  get output(): string {
    return this.#output
  }

  /** Starts the process. Needed only when it does not come back by itself. */
  start(): void {
    const { connectionString, ca } = this.#place
    const { comesBack: _, program: __, ...options } = this.#options
    const settings: DeviceSettings = {
      ...options,
      connectionString,
      ca,
      stateDirectory: this.#stateDirectory,
      blackBox: this.#blackBox,
      bootId: this.#bootId,
    }
    this.#program = new ChildProgram(
      this.#path,
      { [deviceSettingsVariable]: JSON.stringify(settings) },
      {
        onOutput: text => {
          this.#output += text
        },
        onMessage: message => {
          if (isDeviceMessage(message)) this.#messages.put(message)
        },
        onExit: exit => this.#onExit(exit),
      },
    )
  }

  /** Waits for the next session with the hub that was not yet waited for. */
  async connected(): Promise<void> {
    await this.#messages.take(({ type }) => type === 'connected')
  }

  /** Waits for the next loss of a session that was not yet waited for. */
  async disconnected(): Promise<void> {
    await this.#messages.take(({ type }) => type === 'disconnected')
  }

  /** Waits until a handler stands at a gate. */
  async reached(gate: string): Promise<void> {
    await this.#messages.take(message => message.type === 'reached' && message.gate === gate)
  }

  /** Lets the handler pass that stands at a gate. */
  release(gate: string): void {
    this.#program?.send({ type: 'release', gate })
  }

  /** Waits for the next end of the process that was not yet waited for. */
  async exited(): Promise<ProgramExit> {
    const { exit } = await this.#messages.take(message => message.type === 'exited')
    return exit
  }

  /** Waits until the journal has made something durable, or the process has ended. */
  async stirred(): Promise<void> {
    await this.#messages.take(({ type }) => type === 'journaled' || type === 'exited')
  }

  /** Kills the process. */
  async kill(): Promise<void> {
    await this.#program?.kill()
  }

  /** All that it did, over all its lives. */
  blackBox(): BlackBoxEntry[] {
    return readBlackBox(this.#blackBox)
  }

  /** The attempts of an effect, in their order. */
  attemptsOf(effect: string): number[] {
    return this.blackBox().flatMap(entry => (entry.type === 'effect' && entry.name === effect ? [entry.attempt] : []))
  }

  /** The boots that it was started in, in their order; after a crash the same one again. */
  boots(): string[] {
    return this.blackBox().flatMap(entry => (entry.type === 'started' ? [entry.bootId] : []))
  }

  /** The text of its journal. */
  readJournal(): Promise<string> {
    return readFile(join(this.#stateDirectory, 'journal'), 'utf8')
  }

  /** The text of all files in its state directory. */
  async readState(): Promise<string> {
    const entries = await readdir(this.#stateDirectory, { withFileTypes: true, recursive: true })
    const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    return (await Promise.all(paths.map(path => readFile(path, 'utf8')))).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#messages.close(new Error(`device '${this.deviceId}' was closed`))
    await this.kill()
  }

  get #stateDirectory(): string {
    return join(this.#place.directory, 'state')
  }

  get #blackBox(): string {
    return join(this.#place.directory, 'black-box')
  }

  #onExit(exit: ProgramExit): void {
    this.#messages.put({ type: 'exited', exit })
    if (this.#closed) return
    if (exit.code === rebootExitCode) this.#bootId = randomUUID()
    else if (exit.signal !== 'SIGKILL') {
      const how = exit.signal ?? `code ${exit.code}`
      this.#messages.close(new Error(`device '${this.deviceId}' ended with ${how}:\n${this.#output}`))
      return
    }
    if (this.#options.comesBack !== false) this.start()
  }
}
