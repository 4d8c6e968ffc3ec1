import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { ExampleHub } from './example-hub.ts'
import { Narrator } from './narrator.ts'

/** What an example plays on. */
export interface Stage {
  readonly hub: ExampleHub
  readonly narrator: Narrator
  /** A folder of its own, removed at the end. */
  readonly directory: string
}

/**
 * Plays an example: on a local hub, or on the one of `IOTHUB_CONNECTION_STRING`. What it made is removed also when it fails or is
 * interrupted; then the exit code is not 0.
 */
export async function play(story: (stage: Stage) => Promise<void>): Promise<void> {
  const narrator = new Narrator()
  const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-example-'))
  const interruption = new Promise<never>((_, reject) => {
    process.once('SIGINT', () => {
      process.exitCode = 130
      reject(new Error('interrupted'))
    })
  })
  try {
    await using hub = await ExampleHub.open(process.env.IOTHUB_CONNECTION_STRING)
    narrator.say('hub', hub.description)
    await Promise.race([story({ hub, narrator, directory }), interruption])
  } catch (error) {
    narrator.failure(process.exitCode === 130 ? 'interrupted' : `the example failed: ${inspect(error)}`)
    process.exitCode ??= 1
  } finally {
    await rm(directory, { recursive: true, force: true })
    // Whatever the story had open when it was interrupted, nobody will close it.
    if (process.exitCode === 130) process.exit()
  }
}
