import { ManualClock } from '@iothub-dm/local-hub'
import {
  type AcknowledgementStyle,
  applyMergePatch,
  type ConfigurationDefinition,
  configuration,
  type JsonObject,
} from '@iothub-dm/protocol'
import * as v from 'valibot'
import { sleep } from '../src/agent/sleep.ts'
import { ConfigurationManager } from '../src/configuration/configuration-manager.ts'
import { DesiredFollower } from '../src/configuration/desired-follower.ts'
import { HubConnectionError, TwinRefusedError } from '../src/connection/errors.ts'
import type { DeviceTwin, HubConnection } from '../src/connection/hub-connection.ts'
import type { ConfigurationContext, ConfirmationProof } from '../src/implementation/handlers.ts'
import type { BoundConfiguration } from '../src/implementation/implement.ts'
import type { FileSystem } from '../src/journal/file-system.ts'
import { configurationsPart } from '../src/reporting/configurations-part.ts'
import { ReportedWriter } from '../src/reporting/reported-writer.ts'
import { DeviceState } from '../src/state/device-state.ts'
import { SimulatedDisk } from './journal/simulated-disk.ts'

/** A call of a handler. */
export interface ConfigurationCall extends Omit<ConfigurationContext, 'signal' | 'previous'> {
  readonly name: string
  readonly desired: unknown
  readonly previous: unknown
}

/** The twin of a hub: what the service writes, and the patches that come of it. */
export class TwinOfHub implements Pick<HubConnection, 'readTwin' | 'updateReported'> {
  desired: JsonObject = {}
  desiredVersion = 1
  reported: JsonObject = {}
  /** What the device has sent. */
  readonly reports: JsonObject[] = []
  reads = 0
  /** Fails the next report. */
  refuseReport = false
  /** Whether no call arrives. */
  away = false
  /** The desired properties at every version. */
  readonly history = new Map<number, JsonObject>([[1, {}]])
  /** Awaited before a read is answered with what was there when it began. */
  beforeAnswer: Promise<void> = Promise.resolve()

  /** The service writes; the patch is the device's if somebody delivers it. */
  write(patch: JsonObject): { readonly patch: JsonObject; readonly version: number } {
    this.desired = applyMergePatch(this.desired, patch)
    this.desiredVersion += 1
    this.history.set(this.desiredVersion, this.desired)
    return { patch, version: this.desiredVersion }
  }

  async readTwin(): Promise<DeviceTwin> {
    this.#failWhenAway()
    this.reads += 1
    const { desired, desiredVersion, reported } = this
    await this.beforeAnswer
    return { desired, desiredVersion, reported, reportedVersion: 1 }
  }

  async updateReported(patch: JsonObject): Promise<number> {
    this.#failWhenAway()
    if (this.refuseReport) {
      this.refuseReport = false
      throw new TwinRefusedError('ReportRefused', { status: 500 })
    }
    this.reports.push(patch)
    this.reported = applyMergePatch(this.reported, patch)
    return 1
  }

  #failWhenAway(): void {
    if (this.away) throw new HubConnectionError('ConnectionLost', 'simulated')
  }
}

/** What a handler of the bench does, beside being noted. */
export type BenchHandler = (call: ConfigurationCall & { readonly signal: AbortSignal }) => unknown

/** Options of {@link ConfigurationBench.start}. */
export interface ConfigurationBenchOptions {
  readonly hub?: TwinOfHub | undefined
  readonly disk?: FileSystem | undefined
  readonly handle?: BenchHandler | undefined
  /** The device's own value of `telemetry`. */
  readonly defaults?: { readonly fps: number } | undefined
  readonly clock?: ManualClock | undefined
  /** How long a new value of `telemetry` is on trial. */
  readonly confirmWithinInMs?: number | undefined
  /** What confirms it. Default: `roundTrip`. */
  readonly confirmBy?: ConfirmationProof | undefined
  /** How `telemetry` is acknowledged. */
  readonly acknowledgement?: AcknowledgementStyle | undefined
}

/** One life of a device's configurations `telemetry` and `list`, on a real journal, with a clock that stands still. */
export class ConfigurationBench {
  readonly hub: TwinOfHub
  readonly state: DeviceState
  readonly clock: ManualClock
  readonly calls: ConfigurationCall[] = []
  readonly errors: unknown[] = []
  /** How often the manager wanted another session. */
  sessionsWanted = 0
  readonly manager: ConfigurationManager
  readonly follower: DesiredFollower
  readonly writer: ReportedWriter

  private constructor(state: DeviceState, options: ConfigurationBenchOptions) {
    const { hub = new TwinOfHub(), handle = () => {}, clock = new ManualClock(0) } = options
    this.hub = hub
    this.state = state
    this.clock = clock
    const bound = (name: string, definition: ConfigurationDefinition): BoundConfiguration => ({
      definition,
      defaults: name === 'telemetry' ? options.defaults : undefined,
      confirmWithinInMs: name === 'telemetry' ? options.confirmWithinInMs : undefined,
      confirmBy: options.confirmBy ?? 'roundTrip',
      handle: (desired, { signal, ...context }) => {
        const call = { name, desired, ...context }
        this.calls.push(call)
        return handle({ ...call, signal })
      },
    })
    const { acknowledgement = 'plugAndPlay' } = options
    const telemetry = configuration(v.object({ fps: v.pipe(v.number(), v.maxValue(60)) }), { acknowledgement })
    this.manager = new ConfigurationManager({
      configurations: new Map([
        ['telemetry', bound('telemetry', telemetry)],
        ['list', bound('list', configuration(v.array(v.number())))],
      ]),
      store: state.configurations,
      clock,
      sleep: (delayInMs, signal) => sleep(clock, delayInMs, signal),
      maxAttempts: 3,
      callHub: proof => {
        if (proof === 'roundTrip') this.writer.readAgain()
        else this.sessionsWanted += 1
      },
      onChange: () => this.writer.changed(true),
      onError: error => this.errors.push(error),
    })
    this.follower = new DesiredFollower({
      readTwin: () => this.writer.readAgain(),
      onNews: news => this.manager.desiredChanged(news),
    })
    this.writer = new ReportedWriter({
      connection: hub,
      parts: [
        configurationsPart(
          () => this.manager.acknowledgements(),
          name => ({ acknowledgement: name === 'telemetry' ? acknowledgement : 'plugAndPlay' }),
        ),
      ],
      onRead: this.follower,
      onCall: () => this.manager.callBegan(),
      onError: error => this.errors.push(error),
      clock,
      progressIntervalInMs: 10_000,
    })
  }

  /** Starts a life. One that is merely left behind was killed. */
  static async start(options: ConfigurationBenchOptions = {}): Promise<ConfigurationBench> {
    const state = await DeviceState.open({
      directory: '/state',
      fileSystem: options.disk ?? new SimulatedDisk(),
      now: () => 0,
      actionOf: () => undefined,
    })
    const bench = new ConfigurationBench(state, options)
    bench.manager.resume()
    return bench
  }

  /** A session with the hub begins, and everything that follows happens. */
  async connect(): Promise<void> {
    this.beginSession()
    await this.settled()
  }

  beginSession(): void {
    this.manager.sessionBegan()
    this.follower.sessionBegan()
    this.writer.sessionBegan()
  }

  /** The service writes, the device hears of it, and everything that follows happens. */
  async change(patch: JsonObject): Promise<void> {
    this.deliver(this.hub.write(patch))
    await this.settled()
  }

  deliver({ patch, version }: { readonly patch: JsonObject; readonly version: number }): void {
    this.follower.patchReceived(patch, version)
  }

  /** Lets all that is ready happen. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 8; turn += 1) await new Promise(resolve => setImmediate(resolve))
  }

  /** Ends the life in good order. */
  async close(): Promise<void> {
    await this.manager.close()
    this.writer.close()
    await this.state.close()
  }
}
