import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { bundleRedirect } from './bundle-redirect.ts'

const execute = promisify(execFile)
const packageFile = (path: string): string =>
  fileURLToPath(new URL(`../../../packages/local-hub/${path}`, import.meta.url))
const flags = ['--import', 'tsx', '--conditions=@iothub-dm/source']
const program = [...flags, packageFile('src/cli/iothub-local.ts')]
const anyPorts = ['--https-port', '0', '--mqtt-port', '0']

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'iothub-local-'))

/** The command line, running until the end of the scope. */
class RunningCommand implements AsyncDisposable {
  readonly output: string
  readonly #child: ChildProcess
  readonly #exited: Promise<readonly unknown[]>

  private constructor(child: ChildProcess, exited: Promise<readonly unknown[]>, output: string) {
    this.#child = child
    this.#exited = exited
    this.output = output
  }

  /** Resolves when the hub says that it is ready. */
  static async start(...args: readonly string[]): Promise<RunningCommand> {
    const child = spawn(process.execPath, [...program, 'start', ...anyPorts, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    let output = ''
    for await (const line of createInterface({ input: child.stdout })) {
      output += `${line}\n`
      if (line.startsWith('Ready.')) return new RunningCommand(child, exited, output)
    }
    throw new Error(`the command ended before it was ready: ${output}`)
  }

  /** What the output says after a word at the start of a line. */
  find(word: string): string {
    const value = new RegExp(`^ *${word} +(.*)$`, 'm').exec(this.output)?.[1]
    if (value === undefined) throw new Error(`no '${word}' in ${this.output}`)
    return value
  }

  /** The environment that the output asks for. */
  environment(): Record<string, string> {
    return Object.fromEntries(
      [...this.output.matchAll(/^ *export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
    )
  }

  async stop(signal: NodeJS.Signals): Promise<readonly unknown[]> {
    this.#child.kill(signal)
    return this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL')
  }
}

describe('iothub-local start', () => {
  it('serves a program that knows nothing of it, over MQTT, WebSocket and REST', { timeout: 60_000 }, async () => {
    const folder = await newFolder()
    await using hub = await RunningCommand.start('--device', 'cam-1', '--ca-file', join(folder, 'ca.pem'))
    const unchanged = fileURLToPath(new URL('../support/unchanged-program.ts', import.meta.url))
    const { stdout } = await execute(process.execPath, [...flags, unchanged], {
      env: {
        ...process.env,
        ...hub.environment(),
        NODE_OPTIONS: `--require "${await bundleRedirect()}"`,
        SERVICE_CONNECTION_STRING: hub.find('service'),
        DEVICE_CONNECTION_STRING: hub.find('cam-1').replace(/;GatewayHostName=.*/, ''),
      },
    })
    expect(stdout).toBe('Mqtt\nMqttWs\n')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly by %s', async signal => {
    await using hub = await RunningCommand.start('--ca-file', join(await newFolder(), 'ca.pem'))
    expect(await hub.stop(signal)).toEqual([0, null])
  })

  it('keeps its state, and lets it out and in as JSON', { timeout: 60_000 }, async () => {
    const [data, copy] = [join(await newFolder(), 'data'), join(await newFolder(), 'copy')]
    await using first = await RunningCommand.start('--device', 'cam-1', '--data', data)
    const connectionString = first.find('service')
    await first.stop('SIGTERM')
    const { stdout } = await execute(process.execPath, [...program, 'export', '--data', data])
    expect(Object.keys(JSON.parse(stdout).devices)).toEqual(['cam-1'])
    const file = join(await newFolder(), 'state.json')
    await writeFile(file, stdout)
    await execute(process.execPath, [...program, 'import', '--data', copy, file])
    expect((await stat(join(copy, 'state.log'))).mode & 0o077).toBe(0)
    await using second = await RunningCommand.start('--device', 'cam-1', '--data', copy)
    expect(second.find('service')).toBe(connectionString)
    expect(await readFile(second.find('certificate to trust'), 'utf8')).toContain('BEGIN CERTIFICATE')
  })

  it('has what it has acknowledged when it starts again after it was killed', { timeout: 60_000 }, async () => {
    const data = join(await newFolder(), 'data')
    await using first = await RunningCommand.start('--device', 'cam-1', '--data', data)
    expect(await first.stop('SIGKILL')).toEqual([null, 'SIGKILL'])
    await using second = await RunningCommand.start('--data', data)
    expect(second.find('service')).toBe(first.find('service'))
    const { stdout } = await execute(process.execPath, [...program, 'export', '--data', data])
    const key = /SharedAccessKey=([^;]+)/.exec(first.find('cam-1'))?.[1]
    expect(JSON.parse(stdout).devices['cam-1'].authentication.symmetricKey.primaryKey).toBe(key)
  })

  it.each([
    [['start', '--tier', 'X9'], 2, '--tier: expected'],
    [['export', '--data', '/nowhere'], 1, '/nowhere: no hub keeps its state there'],
    [['import', '--data', '/nowhere', '/nothing.json'], 1, 'ENOENT'],
  ])('%j fails with a word', async (args, code, message) => {
    const failure: unknown = await execute(process.execPath, [...program, ...args]).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code, stderr: expect.stringContaining(message) })
  })
})
