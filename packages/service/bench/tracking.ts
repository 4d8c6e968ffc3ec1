// What it costs to know how the operations of many devices end, in messages that a hub bills: by following them, and by reading the
// twin of each device every ten seconds, as Microsoft's samples do. Time is simulated, the calls and the meter are those of the local hub.
// npx tsx --conditions=@iothub-dm/source packages/service/bench/tracking.ts [devices]
import { type OperationRecord, reboot } from '@iothub-dm/protocol'
import { OperationHandle } from '../src/operation/operation-handle.ts'
import { FleetTracker } from '../src/tracking/fleet-tracker.ts'
import type { OperationTracker } from '../src/tracking/operation-tracker.ts'
import { TwinReadTracker } from '../src/tracking/twin-read-tracker.ts'
import { MeteredHub, minuteInMs } from './metered-hub.ts'

const devices = Number(process.argv[2] ?? 1_000)
/** So many devices are polled, to keep the run short; what they cost is taken times the rest. */
const polled = Math.min(devices, 100)
const rolloutInMs = 10 * minuteInMs
const operationInMs = minuteInMs
const patches = 8
const print = (line: string): boolean => process.stdout.write(`${line}\n`)

/** Lets a number of devices carry out an operation, one after the other begun in ten minutes, and waits for every end. */
async function roll(count: number, makeTracker: (hub: MeteredHub) => OperationTracker) {
  await using metered = await MeteredHub.start(count)
  const { clock, hub } = metered
  const tracker = makeTracker(metered)
  const lagsInMs: number[] = []
  for (const [index, deviceId] of metered.deviceIds.entries()) {
    const beginsAtInMs = ((rolloutInMs - operationInMs) * index) / count
    const known = { record: recordOf(deviceId, 0, clock.now() + beginsAtInMs), source: 'answer' } as const
    for (let patch = 1; patch <= patches; patch += 1) {
      clock.setTimeout(
        () => metered.report(deviceId, recordOf(deviceId, patch, clock.now())),
        beginsAtInMs + (operationInMs * patch) / patches,
      )
    }
    clock.setTimeout(() => {
      const handle = new OperationHandle({
        deviceId,
        actionName: 'reboot',
        definition: reboot,
        known,
        hub,
        tracker,
        clock,
      })
      const endsAtInMs = clock.now() + operationInMs
      void handle.result().then(() => lagsInMs.push(clock.now() - endsAtInMs))
    }, beginsAtInMs)
  }
  await metered.pass(rolloutInMs + minuteInMs)
  tracker.close()
  return { lagsInMs, reading: metered.read() }
}

function recordOf(deviceId: string, patch: number, nowInMs: number): OperationRecord {
  const time = new Date(nowInMs).toISOString()
  const isOver = patch === patches
  return {
    operationId: `6f1d3c52-0000-4000-8000-${deviceId.padStart(12, '0')}`,
    state: isOver ? 'succeeded' : 'running',
    status: isOver ? 'succeeded' : 'running',
    attempt: 1,
    acceptedTime: time,
    updatedTime: time,
    ...(isOver ? { finishedTime: time } : { percent: patch * 10, detail: `step ${patch}` }),
  }
}

const polling = await roll(polled, ({ hub, clock }) => new TwinReadTracker(hub, clock, () => 10_000))
// Those that are over are read no more: polling that stops in time. A rollout that polls all devices throughout reads each 60 times.
const readsOfPolling = (devices * rolloutInMs) / 10_000
const perRead = polling.reading.messages / polling.reading.reads
const throughout = readsOfPolling * perRead
const stopping = (polling.reading.messages * devices) / polled

const following = await roll(
  devices,
  ({ hub, clock }) =>
    new FleetTracker(hub, clock, {
      pollIntervalInMs: 1_000,
      maxPolledDevices: 20,
      queriesPerMinute: 10,
      readsPerSecond: 10,
    }),
)
const { messages, reads, queries, refused } = following.reading
const lags = following.lagsInMs.toSorted((left, right) => left - right)
const percent = (value: number): string => `${(value * 100).toFixed(2)} %`

print(`${devices} operations of a minute each, begun over nine minutes; tier S1, one unit; messages of 4 KB as billed`)
print(
  `polling every 10 s, all devices, 10 minutes      ${throughout.toFixed(0)} messages (${perRead.toFixed(2)} for a read)`,
)
print(`polling every 10 s, each until it is over        ${stopping.toFixed(0)} messages`)
print(`following                                        ${messages} messages: ${reads} reads, ${queries} queries`)
print(
  `                                                 ${(queries / (rolloutInMs / minuteInMs + 1)).toFixed(1)} queries a minute, ${refused} calls refused`,
)
print(
  `ends known                                       ${lags.length} of ${devices}, median ${lagText(0.5)} s, last ${lagText(1)} s after the device`,
)
print(`following / polling throughout                   ${percent(messages / throughout)} (to be at most 1 %)`)
print(`following / polling until over                   ${percent(messages / stopping)}`)
if (lags.length < devices || messages / throughout > 0.01) process.exitCode = 1

function lagText(share: number): string {
  return ((lags[Math.ceil(lags.length * share) - 1] ?? Number.NaN) / 1_000).toFixed(1)
}
