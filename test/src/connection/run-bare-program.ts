import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** What a program does with the bare SDK, as a user would write it. */
const programs = {
  onDeviceMethod: `client.onDeviceMethod('ping', () => {})`,
  awaitUpdate: `await client.open(); const twin = await client.getTwin(); await twin.properties.reported.update({ a: 1 })`,
  twin: `await client.open(); await client.getTwin()`,
  rejects: `await client.open(); client.onDeviceMethod('ping', async () => { throw new Error('of the handler') })`,
} as const

/** How a program ended, and all that it printed. */
export interface BareProgramExit {
  readonly code: number | null
  readonly output: string
}

/** Runs a program of the bare SDK in a process of its own, for traps that end the process; resolves when it has ended. */
export async function runBareProgram(
  hub: { readonly connectionString: string; readonly ca: string },
  program: keyof typeof programs,
): Promise<BareProgramExit> {
  const source = `
    import sdk from 'azure-iot-device'
    import { Mqtt } from 'azure-iot-device-mqtt'
    const client = sdk.Client.fromConnectionString(process.env.CONNECTION_STRING, Mqtt)
    if (process.env.CA) await client.setOptions({ ca: process.env.CA })
    ${programs[program]}
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: new URL('../../', import.meta.url),
    env: { ...process.env, NODE_OPTIONS: '', CONNECTION_STRING: hub.connectionString, CA: hub.ca },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, output: output + errors }
}
