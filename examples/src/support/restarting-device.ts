import { DeviceAgent, type DeviceAgentOptions, type Implementation } from '@iothub-dm/device'

/**
 * A device in this process. When it restarts, its agent ends and another one begins, on the same state directory and with another
 * boot id: to the agent that is a reboot.
 */
export class RestartingDevice implements AsyncDisposable {
  readonly #connectionString: string
  readonly #software: (restart: () => void) => Implementation
  readonly #options: DeviceAgentOptions
  #agent: DeviceAgent | undefined
  #boots = 0
  #restarting: Promise<void> | undefined

  /** @param software told how to restart its device; made anew for each boot */
  constructor(
    connectionString: string,
    software: (restart: () => void) => Implementation,
    options: DeviceAgentOptions,
  ) {
    this.#connectionString = connectionString
    this.#software = software
    this.#options = options
  }

  /** Starts the device, and waits until it is connected. */
  async start(): Promise<void> {
    this.#boots += 1
    const software = this.#software(() => this.#restartSoon())
    const options = { ...this.#options, bootId: `boot-${this.#boots}` }
    this.#agent = DeviceAgent.fromConnectionString(this.#connectionString, software, options)
    await this.#agent.open()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restarting
    await this.#agent?.close()
  }

  #restartSoon(): void {
    // Not at once: who asks for it is a handler, and the agent does not end before its handlers do.
    setImmediate(() => {
      this.#restarting = this.#agent?.close().then(() => this.start())
    })
  }
}
