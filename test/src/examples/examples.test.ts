import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examples } from '../../../examples/src/examples.ts'
import { registryOf } from '../local-hub/azure-clients.ts'
import { bundleRedirect } from '../local-hub/bundle-redirect.ts'
import { inParallel } from '../support/in-parallel.ts'
import { type ExampleRun, runExample } from './run-example.ts'

/** The lines without which an example has not told its story, in their order. */
const decisiveLines: Readonly<Record<string, readonly RegExp[]>> = {
  'staged-rollout': [
    /decided: proven/,
    /wave 2, starting: /,
    /decided: gateClosed/,
    /stopped: failed: \d of \d devices of the (wave|rollout)/,
    /is failed: failed: HealthCheckFailed/,
    /the rollout is over: rolledBack/,
    /10 cameras run version 1\.0\.0/,
  ],
  'typed-invoke': [
    /getLogs gave \[ 'connected', 'zoomed' \]/,
    /0 lines: InvalidRequest, nothing was sent/,
    /too many lines: InvalidPayload, refused by the device/,
    /older camera: MethodNotFound, .* 404/,
    /switched off: DeviceOffline, certainly not done, try again later/,
    /nobody knows: DeviceNotFound/,
  ],
  attach: [
    /process \d+ began \S+, and ends/,
    /process \d+ took up \S+, which is running/,
    /calibration is running: measuring, \d+ %, sensor \d of 5/,
    /calibration succeeded, the offset is 0\.5/,
  ],
  configuration: [
    /telemetry every 10 s is applied/,
    /every 0 s: InvalidRequest, nothing was written/,
    /every 2 s: ConfigurationFailed, .*the handler of the configuration failed/,
    /network internet is applied/,
    /network intranet: ConfigurationFailed, .*the value before is in use/,
    /the gateway is still there, with \{"apn":"internet"\}/,
  ],
  'factory-reset': [
    /before: \{"photos":2,"network":"home"\}/,
    /refused with 428, NotArmed/,
    /factory reset of data succeeded, network kept, the camera is in its epoch 1/,
    /after: \{"photos":0,"network":"home"\}/,
  ],
  'maintenance-window': [
    /the reboot stands in its twin/,
    /waits for consent, asks again/,
    /reboot is granted/,
    /waits for the maintenance window, until/,
    /the camera has restarted, outside of its window/,
  ],
  'fleet-query': [
    /of 5 cameras 3 are in oslo/,
    /calibrations: 3 succeeded, 2 failed, 0 never done/,
    /in error: cam-\d, (lensDirty|tooDark): seen by sensor 2/,
    /lenses to clean: 1/,
    /restarted since .*: cam-1, cam-2, cam-3/,
  ],
  'scheduled-job': [
    /job reboot-\w+ begins at/,
    /the job is completed/,
    /cam-1: restart accepted/,
    /cam-busy: refused, busy with record/,
    /cam-away: not reached/,
    /2 cameras have restarted/,
  ],
  'firmware-campaign': [
    /all 3 cameras are current, with version 1\.1\.0/,
    /all 3 cameras are rolledback, with version 1\.1\.0/,
    /failed: HealthCheckFailed/,
    /is removed, \S+ takes over/,
    /all 3 cameras are current, with version 1\.1\.0/,
  ],
}

/** Told by `.ci/run` and by tests of their own. */
const runElsewhere = ['demo', 'firmware-update']

/** Each takes seconds, most of them for starting: they run before the tests, two at a time, the longest first. */
const runs = new Map<string, ExampleRun>()
const stories = Object.keys(decisiveLines)
let realHub: LocalHub

beforeAll(async () => {
  // One that is reached as a real one is: by its name, on the standard ports.
  realHub = await startLocalHub()
  await inParallel([...stories, 'on a real hub'], 2, async name => {
    const run = stories.includes(name) ? runExample(name) : runOnRealHub('fleet-query')
    runs.set(name, await run)
  })
}, 120_000)
afterAll(() => realHub.close())

async function runOnRealHub(name: string): Promise<ExampleRun> {
  const caFile = join(await mkdtemp(join(tmpdir(), 'iothub-dm-examples-')), 'ca.pem')
  await writeFile(caFile, realHub.caCertificate)
  const { httpsEndpoint: https, mqttEndpoint: mqtt, hostName } = realHub
  return runExample(name, {
    IOTHUB_CONNECTION_STRING: realHub.connectionString('iothubowner'),
    IOTHUB_REDIRECT: `${hostName}:443=127.0.0.1:${https.port},${hostName}:8883=127.0.0.1:${mqtt.port}`,
    NODE_EXTRA_CA_CERTS: caFile,
    NODE_OPTIONS: `--require "${await bundleRedirect()}"`,
  })
}

describe('the example', () => {
  it.each(stories)('%s tells its story, and ends by itself with exit code 0', name => {
    const { exitCode, output } = runs.get(name) ?? { exitCode: null, output: '' }
    expect(exitCode, output).toBe(0)
    expect(inOrder(output, decisiveLines[name] ?? []), output).toBe(true)
  })
})

describe('examples', () => {
  it('are all told of here', () => {
    expect([...stories, ...runElsewhere].toSorted()).toEqual(examples.map(({ name }) => name).toSorted())
  })

  it('find a real hub by its connection string, and remove there what they have made', async () => {
    const { exitCode, output } = runs.get('on a real hub') ?? { exitCode: null, output: '' }
    expect(exitCode, output).toBe(0)
    expect(output).toContain(`hub      ${realHub.hostName}\n`)
    expect(output).toMatch(/restarted since .*: cam-1-\w{8}, cam-2-\w{8}, cam-3-\w{8}/)
    const { responseBody: left } = await registryOf(realHub).list()
    expect(left).toEqual([])
  })

  it('are listed in the README pages, and by the runner when it is given a name that there is not', async () => {
    const { exitCode, output } = await runExample('nothing')
    expect(exitCode).toBe(1)
    expect(output).toContain("there is no example 'nothing'")
    const pages = ['README.md', 'examples/README.md']
    const texts = await Promise.all(pages.map(page => readFile(new URL(`../../../${page}`, import.meta.url), 'utf8')))
    for (const { name } of examples) for (const text of [output, ...texts]) expect(text).toContain(name)
  })
})

/** Whether the lines come one after the other in a text. */
function inOrder(text: string, lines: readonly RegExp[]): boolean {
  let rest = text
  for (const line of lines) {
    const found = line.exec(rest)
    if (found === null) return false
    rest = rest.slice(found.index + found[0].length)
  }
  return true
}
