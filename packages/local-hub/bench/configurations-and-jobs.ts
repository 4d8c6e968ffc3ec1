// How long a configuration and a job over 100,000 twins take in the core, without transports:
// npx tsx packages/local-hub/bench/configurations-and-jobs.ts [twins]
import { randomBytes } from 'node:crypto'
import { ManualClock } from '../src/hub-core/clock/manual-clock.ts'
import { HubCore } from '../src/hub-core/hub-core.ts'

const count = Number(process.argv[2] ?? 100_000)
const core = new HubCore({ hostNames: ['hub.example'], clock: new ManualClock(), random: randomBytes })
for (let index = 0; index < count; index += 1) {
  const deviceId = `d${index}`
  core.identities.put(deviceId, {}, { kind: 'none' })
  core.twins.patch(deviceId, { tags: { site: index % 10 === 0 ? 'oslo' : 'bergen' } }, { kind: 'none' })
}

function measure(name: string, work: () => void): void {
  const start = performance.now()
  work()
  process.stdout.write(`${(performance.now() - start).toFixed(0).padStart(7)} ms  ${name}\n`)
}

const deviceContent = { 'properties.desired.firmware': { fwVersion: '2.8.5' } }
const queries = {
  current: "SELECT deviceId FROM devices WHERE properties.reported.firmware.fwUpdateStatus = 'current'",
}

function configure(id: string, targetCondition: string): void {
  core.configurations.put(id, { content: { deviceContent }, targetCondition, metrics: { queries } }, { kind: 'none' })
}

measure('first configuration, a tenth of the devices', () => configure('c1', "tags.site = 'oslo'"))
measure('evaluation that finds nothing to do', () => core.configurations.evaluate())
measure('second configuration, all devices', () => configure('c2', '*'))
measure('evaluation that finds nothing to do', () => core.configurations.evaluate())
measure('twin update on all devices', () => {
  core.jobs.create('j1', { type: 'scheduleUpdateTwin', updateTwin: { tags: { z: 1 } }, queryCondition: '*' })
})
measure('statistics of the job', () => core.jobs.get('j1'))
measure('its failures', () => {
  core.queries.run(
    { query: "SELECT * FROM devices.jobs WHERE jobId = 'j1' AND status = 'failed'" },
    { maxItemCount: 100 },
  )
})
core.close()
