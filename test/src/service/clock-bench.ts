import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceAgent, type Implementation, implement, type Operation } from '@iothub-dm/device'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { FleetClient } from '@iothub-dm/service'
import { clock } from './schema-libraries.ts'

/** The time that the device shows before it is set. */
export const shown = '2026-01-01T00:00:00.000Z'

/** What the three actions have in common. */
type Adjustment = Pick<
  Operation<(typeof clock.actions)['adjustByZod']>,
  'request' | 'signal' | 'phase' | 'progress' | 'fail'
>

/** A hub, a device with our agent in this process, and a back end. All of it ends with the scope. */
export class ClockBench implements AsyncDisposable {
  readonly hub: LocalHub
  readonly fleet: FleetClient<typeof clock>
  /** Lets the next adjustment go on. */
  readonly goOn: () => void
  /** What the handlers got. */
  readonly received: readonly unknown[]
  readonly #agent: DeviceAgent
  readonly #directory: string

  private constructor(hub: LocalHub, agent: DeviceAgent, directory: string, device: ClockDevice) {
    this.hub = hub
    this.#agent = agent
    this.#directory = directory
    this.goOn = device.goOn
    this.received = device.received
    this.fleet = FleetClient.fromConnectionString(hub.connectionString('service'), clock, {
      endpoint: hub.httpsEndpoint,
      ca: hub.caCertificate,
      pollIntervalInMs: 20,
    })
  }

  static async open(): Promise<ClockBench> {
    const hub = await startLocalHub()
    const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-clock-'))
    const device = makeClockDevice()
    const agent = DeviceAgent.fromConnectionString(await hub.createDevice('clock-1'), device.implementation, {
      stateDirectory: join(directory, 'state'),
      bootId: 'boot-1',
      endpoint: hub.mqttEndpoint,
      ca: hub.caCertificate,
      progressIntervalInMs: 0,
    })
    await agent.open()
    return new ClockBench(hub, agent, directory, device)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.close()
    await this.#agent.close()
    await this.hub.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

interface ClockDevice {
  readonly implementation: Implementation
  readonly received: readonly unknown[]
  readonly goOn: () => void
}

function makeClockDevice(): ClockDevice {
  const received: unknown[] = []
  let waiting: (() => void)[] = []
  let passes = 0
  const goOn = () => {
    const next = waiting.shift()
    if (next === undefined) passes += 1
    else next()
  }
  const gate = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (passes > 0) {
        passes -= 1
        resolve()
        return
      }
      waiting.push(resolve)
      signal.addEventListener('abort', () => {
        waiting = waiting.filter(other => other !== resolve)
        reject(signal.reason)
      })
    })
  const set = ({ at }: { readonly at: Date }) => {
    received.push(at)
    return { was: shown }
  }
  const adjust = async (op: Adjustment) => {
    op.phase('measuring')
    op.progress(50, 'half way')
    await gate(op.signal)
    if (op.request.by > 3_600) op.fail('tooFar', 'more than an hour')
    op.phase('adjusting')
    return { now: new Date(Date.parse(shown) + op.request.by * 1_000).toISOString() }
  }
  const implementation = implement(clock, {
    methods: {
      setByZod: set,
      setByValibot: set,
      setByArktype: set,
      note: ({ text }) => {
        received.push(text)
      },
    },
    actions: { adjustByZod: adjust, adjustByValibot: adjust, adjustByArktype: adjust },
  })
  return { implementation, received, goOn }
}
