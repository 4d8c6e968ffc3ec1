import { type BackEndMessage, type BackEndTask, backEndTaskVariable, isBackEndMessage } from './back-end-messages.ts'
import { bundleProgram } from './bundle-program.ts'
import { ChildProgram, type ProgramExit } from './child-program.ts'
import { Mailbox } from './mailbox.ts'

type Message = BackEndMessage | { readonly type: 'exited'; readonly exit: ProgramExit }

/** A back end in a process of its own. */
export class BackEndProcess implements AsyncDisposable {
  readonly #messages = new Mailbox<Message>()
  readonly #program: ChildProgram
  #output = ''

  private constructor(path: string, task: BackEndTask) {
    this.#program = new ChildProgram(
      path,
      { [backEndTaskVariable]: JSON.stringify(task) },
      {
        onOutput: text => {
          this.#output += text
        },
        onMessage: message => {
          if (isBackEndMessage(message)) this.#messages.put(message)
        },
        onExit: exit => {
          this.#messages.put({ type: 'exited', exit })
          this.#messages.close(new Error(`the back end ended:\n${this.#output}`))
        },
      },
    )
  }

  static async start(task: BackEndTask): Promise<BackEndProcess> {
    return new BackEndProcess(await bundleProgram('back-end-program'), task)
  }

  /** All that it has printed. */
  get output(): string {
    return this.#output
  }

  /** Waits until it has a handle; resolves with the handle's address. */
  async following(): Promise<string> {
    const { serialized } = await this.#messages.take(message => message.type === 'following')
    return serialized
  }

  /** Waits until its operation has succeeded; resolves with the last record. */
  async done(): Promise<object> {
    const { record } = await this.#messages.take(message => message.type === 'done')
    return record
  }

  async exited(): Promise<ProgramExit> {
    const { exit } = await this.#messages.take(message => message.type === 'exited')
    return exit
  }

  async kill(): Promise<void> {
    await this.#program.kill()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
