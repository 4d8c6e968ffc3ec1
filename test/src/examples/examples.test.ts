import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { examples } from '../../../examples/src/examples.ts'
import { inParallel } from '../support/in-parallel.ts'
import { runExample } from './run-example.ts'

/** The lines without which an example has not told its story, in their order. */
const decisiveLines: Readonly<Record<string, readonly RegExp[]>> = {
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

describe('examples', () => {
  it('end by themselves with exit code 0, and tell their stories', { timeout: 120_000 }, async () => {
    const stories = Object.keys(decisiveLines)
    expect([...stories, ...runElsewhere].toSorted()).toEqual(examples.map(({ name }) => name).toSorted())
    const runs = await inParallel(stories, 2, async name => ({ name, ...(await runExample(name)) }))
    for (const { name, exitCode, output } of runs) {
      expect(exitCode, output).toBe(0)
      expect(inOrder(output, decisiveLines[name] ?? []), `${name}:\n${output}`).toBe(true)
    }
  })

  it('are listed by the runner, and in the README pages', async () => {
    const { exitCode, output } = await runExample()
    expect(exitCode).toBe(0)
    const pages = ['README.md', 'examples/README.md']
    const texts = await Promise.all(pages.map(page => readFile(new URL(`../../../${page}`, import.meta.url), 'utf8')))
    for (const { name } of examples) for (const text of [output, ...texts]) expect(text).toContain(name)
  })

  it('of a name that there is not are not run', async () => {
    const { exitCode, output } = await runExample('nothing')
    expect(exitCode).toBe(1)
    expect(output).toContain("there is no example 'nothing'")
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
