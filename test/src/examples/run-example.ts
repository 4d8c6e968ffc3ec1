import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What became of an example. */
export interface ExampleRun {
  readonly exitCode: number | null
  /** All that it printed. */
  readonly output: string
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const tsx = fileURLToPath(new URL('../../../node_modules/tsx/dist/cli.mjs', import.meta.url))

/**
 * Runs an example as `pnpm example` does: as a process of its own.
 *
 * @param name undefined: none is named
 * @param environment what is added to the environment; without a connection string it is played on a local hub
 */
export async function runExample(name?: string, environment: NodeJS.ProcessEnv = {}): Promise<ExampleRun> {
  const { IOTHUB_CONNECTION_STRING: _, ...inherited } = process.env
  const program = [
    '--conditions=@iothub-dm/source',
    'examples/src/run-example.ts',
    ...(name === undefined ? [] : [name]),
  ]
  const child = spawn(process.execPath, [tsx, ...program], {
    cwd: root,
    env: { ...inherited, NODE_OPTIONS: '', NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  await once(child, 'close')
  return { exitCode: child.exitCode, output }
}
