import ora, { type Ora } from 'ora'
import pc from 'picocolors'

type Speaker = 'hub' | 'device' | 'service' | 'twin'

const colour = { hub: pc.yellow, device: pc.cyan, service: pc.magenta, twin: pc.green }

/** Tells on the terminal what happens: lines that stay, and one that lives. Off a terminal everything is plain lines. */
export class Narrator {
  // A terminal without a width (one that a script made) would send ora into an endless loop.
  readonly #live: Ora | undefined =
    process.stdout.isTTY && process.stdout.columns > 0 ? ora({ stream: process.stdout }) : undefined
  #lastLive = ''

  /** A line that stays. */
  say(speaker: Speaker, text: string): void {
    const wasLive = this.#live?.isSpinning === true
    if (wasLive) this.#live?.stop()
    console.log(`${colour[speaker](speaker.padEnd(8))} ${text}`)
    if (wasLive) this.#live?.start()
  }

  /** The line that lives: how far an operation is. */
  progress(text: string): void {
    if (this.#live !== undefined) this.#live.start(text)
    else if (text !== this.#lastLive) this.say('service', text)
    this.#lastLive = text
  }

  /** Ends the line that lives, well. */
  success(text: string): void {
    if (this.#live === undefined) this.say('service', text)
    else this.#live.succeed(text)
  }

  /** Ends the line that lives, badly. */
  failure(text: string): void {
    if (this.#live === undefined) console.error(text)
    else this.#live.fail(text)
  }
}
