import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** Where a server under test can be reached. */
export interface ServerAddress {
  readonly hostName: string
  readonly mqttPort: number
  readonly httpsPort: number
  /** PEM. */
  readonly ca: string
  /** Base64; what every device signs its own token with. */
  readonly deviceKey: string
  /** Lets a service call methods. */
  readonly serviceToken: string
}

/** What a server process can be asked. */
type Question = 'cpuInMicroseconds' | 'memoryInBytes'

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

  /** What it has used so far. */
  cpuInMicroseconds(): Promise<number> {
    return this.#ask('cpuInMicroseconds')
  }

  /** What it holds after it has collected its garbage. */
  memoryInBytes(): Promise<number> {
    return this.#ask('memoryInBytes')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill()
    await once(this.#process, 'exit')
  }

  async #ask(question: Question): Promise<number> {
    this.#process.send(question)
    const [answer]: number[] = await once(this.#process, 'message')
    if (answer === undefined) throw new Error('the server is gone')
    return answer
  }
}

/** In the server process: says where it is, and what it uses whenever it is asked. */
export function reportTo(address: ServerAddress): void {
  process.send?.(address)
  process.on('message', (question: Question) => {
    process.send?.(question === 'cpuInMicroseconds' ? cpuInMicroseconds() : memoryInBytes())
  })
  process.on('disconnect', () => process.exit())
}

function cpuInMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function memoryInBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss
}
