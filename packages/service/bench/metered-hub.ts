import { randomBytes } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { encodeOperationSection, type OperationRecord, reboot } from '@iothub-dm/protocol'
import { ManualClock } from '../../local-hub/src/hub-core/clock/manual-clock.ts'
import { HubCore } from '../../local-hub/src/hub-core/hub-core.ts'
import { createAuthority } from '../../local-hub/src/tls/certificate-authority.ts'
import { issueServerCertificate } from '../../local-hub/src/tls/server-certificate.ts'
import { type RestTransport, startRestTransport } from '../../local-hub/src/transports/rest/rest-transport.ts'
import { createAzureIotHub } from '../src/adapters/azure-iothub/azure-iot-hub.ts'
import { sharedKeyCredentials } from '../src/adapters/azure-iothub/shared-key-credentials.ts'
import type { IotHub } from '../src/hub/iot-hub.ts'

export const minuteInMs = 60_000

const hostName = 'bench.azure-devices.net'
/** Simulated time passes in steps, in milliseconds; what a step has set off in the hub comes to its end before the next one. */
const stepInMs = 250

/** What the hub has billed. */
export interface Bill {
  readonly messages: number
  readonly reads: number
  readonly queries: number
  readonly refused: number
}

/** The local hub's core with its REST interface, in simulated time, with devices that report without a connection. */
export class MeteredHub implements AsyncDisposable {
  readonly clock: ManualClock
  readonly hub: IotHub
  readonly deviceIds: readonly string[]
  readonly #core: HubCore
  readonly #rest: RestTransport
  #callsUnderWay = 0

  private constructor(
    core: HubCore,
    clock: ManualClock,
    rest: RestTransport,
    hub: IotHub,
    deviceIds: readonly string[],
  ) {
    this.#core = core
    this.clock = clock
    this.#rest = rest
    this.deviceIds = deviceIds
    this.hub = {
      ...hub,
      getTwin: (...args) => this.#counted(hub.getTwin(...args)),
      query: (...args) => this.#counted(hub.query(...args)),
    }
  }

  static async start(devices: number): Promise<MeteredHub> {
    const clock = new ManualClock()
    const core = new HubCore({ hostNames: [hostName], clock, random: randomBytes, tier: { name: 'S1' } })
    const deviceIds = Array.from({ length: devices }, (_, index) => `${index}`)
    for (const deviceId of deviceIds) core.identities.put(deviceId, {}, { kind: 'none' })
    const certificate = await issueServerCertificate(await createAuthority(1), [hostName])
    const rest = await startRestTransport(core, certificate, { host: '127.0.0.1', port: 0 })
    const { name, keys } = core.policies.get('iothubowner')
    const connectionString = `HostName=${hostName};SharedAccessKeyName=${name};SharedAccessKey=${keys.primaryKey}`
    const options = { endpoint: rest.endpoint, ca: certificate.caCertificate }
    return new MeteredHub(
      core,
      clock,
      rest,
      createAzureIotHub(sharedKeyCredentials(connectionString), options),
      deviceIds,
    )
  }

  /** A device reports the record of a reboot. */
  report(deviceId: string, record: OperationRecord): void {
    const section = encodeOperationSection(record, reboot.pattern)
    this.#core.twins.report(deviceId, JSON.parse(JSON.stringify({ iothubDM: { reboot: section } })), undefined)
  }

  /** Lets simulated time pass. */
  async pass(durationInMs: number): Promise<void> {
    for (let passedInMs = 0; passedInMs < durationInMs; passedInMs += stepInMs) {
      this.clock.advance(stepInMs)
      await setImmediate()
      // A call that the hub delays ends only when time goes on.
      for (let tries = 0; this.#callsUnderWay > 0 && tries < 100; tries += 1) await setTimeout(1)
    }
  }

  read(): Bill {
    const { totalBilledMessages: messages, operations } = this.#core.meter.read()
    const refused = Object.values(operations).reduce((sum, count) => sum + count.refused, 0)
    return { messages, reads: operations.twinRead.accepted, queries: operations.query.accepted, refused }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hub.close()
    await this.#rest.close()
  }

  async #counted<TValue>(call: Promise<TValue>): Promise<TValue> {
    this.#callsUnderWay += 1
    try {
      return await call
    } finally {
      this.#callsUnderWay -= 1
    }
  }
}
