import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** How a program ended. */
export interface ProgramExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What a {@link ChildProgram} tells. */
export interface ChildProgramListener {
  onOutput(text: string): void
  onMessage(message: unknown): void
  onExit(exit: ProgramExit): void
}

/** A program of the tests that runs in a process of its own. */
export class ChildProgram {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  /**
   * @param path of the bundled program
   * @param environment what is added to the environment
   */
  constructor(path: string, environment: NodeJS.ProcessEnv, listener: ChildProgramListener) {
    // Not the options of the test runner: the program needs none of its loaders.
    const env = { ...process.env, NODE_OPTIONS: '', ...environment }
    const child = spawn(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => listener.onOutput(text))
    }
    child.on('message', message => listener.onMessage(message))
    // Not `exit`: by then what it said may still be on its way.
    child.on('close', (code, signal) => listener.onExit({ code, signal }))
    this.#ended = once(child, 'close')
  }

  send(message: object): void {
    this.#child.send(message)
  }

  /** Kills it as a power cut would, with no chance to clean up; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
