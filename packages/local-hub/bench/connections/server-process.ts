import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** Where a server under test can be reached. */
export interface ServerAddress {
  readonly hostName: string
  readonly mqttPort: number
  readonly httpsPort: number
  /** PEM. */
  readonly ca: string
  /** Lets every device connect. */
  readonly deviceToken: string
  /** Lets a service call methods. */
  readonly serviceToken: string
}

/** What a server process has used so far. */
export interface ServerUsage {
  readonly rssInBytes: number
  readonly cpuInMicroseconds: number
}

/** A server under test, in a process of its own. */
export class ServerProcess implements AsyncDisposable {
  readonly address: ServerAddress
  readonly #process: ChildProcess

  private constructor(process: ChildProcess, address: ServerAddress) {
    this.#process = process
    this.address = address
  }

  static async start(name: string, deviceCount: number): Promise<ServerProcess> {
    const script = new URL(`./${name}-server.ts`, import.meta.url)
    const child = fork(script, [String(deviceCount)], { execArgv: [...process.execArgv, '--expose-gc'] })
    const failed = once(child, 'exit').then(() => Promise.reject(new Error(`${name} did not start`)))
    const [address]: ServerAddress[] = await Promise.race([once(child, 'message'), failed])
    failed.catch(() => {})
    if (address === undefined) throw new Error(`${name} did not start`)
    return new ServerProcess(child, address)
  }

  /** What it uses after it has collected its garbage. */
  async usage(): Promise<ServerUsage> {
    this.#process.send('usage')
    const [usage]: ServerUsage[] = await once(this.#process, 'message')
    if (usage === undefined) throw new Error('the server is gone')
    return usage
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill()
    await once(this.#process, 'exit')
  }
}

/** In the server process: says where it is, and what it uses whenever it is asked. */
export function reportTo(address: ServerAddress): void {
  process.send?.(address)
  process.on('message', () => {
    globalThis.gc?.()
    const { user, system } = process.cpuUsage()
    process.send?.({ rssInBytes: process.memoryUsage().rss, cpuInMicroseconds: user + system })
  })
  process.on('disconnect', () => process.exit())
}
