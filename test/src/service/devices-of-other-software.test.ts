import { startLocalHub } from '@iothub-dm/local-hub'
import {
  configuration,
  defineContract,
  firmwareUpdate,
  type JsonObject,
  type JsonValue,
  method,
  reboot,
} from '@iothub-dm/protocol'
import { FleetClient, isInvalidResponseError, isRefusedError } from '@iothub-dm/service'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { AzureDevice, report } from '../local-hub/azure-clients.ts'

const contract = defineContract({
  methods: { anyMethod: method({ request: v.unknown(), response: v.unknown() }) },
  actions: { reboot, firmwareUpdate },
  configurations: {
    telemetryConfig: configuration(v.object({ configId: v.string(), sendFrequency: v.string() })),
    fanOn: configuration(v.boolean()),
  },
})

/** A hub with a device on the unmodified client, which answers every method in one way, and a back end. */
class OtherDevice implements AsyncDisposable {
  readonly fleet: FleetClient<typeof contract>
  readonly device: AzureDevice
  readonly #scope: AsyncDisposable

  private constructor(fleet: FleetClient<typeof contract>, device: AzureDevice, scope: AsyncDisposable) {
    this.fleet = fleet
    this.device = device
    this.#scope = scope
  }

  static async open(answer: (name: string, payload: unknown) => [status: number, payload: JsonValue]) {
    const hub = await startLocalHub()
    const device = await AzureDevice.open(hub, 'cam-1')
    for (const name of ['reboot', 'anyMethod', 'firmwareUpdate']) {
      const listening = hub.waitFor('deviceSubscribed', event => event.subscription === 'methods')
      device.client.onDeviceMethod(name, (request, response) => {
        const [status, payload] = answer(name, request.payload)
        void response.send(status, payload)
      })
      if (name === 'reboot') await listening
    }
    const fleet = FleetClient.fromConnectionString(hub.connectionString('service'), contract, {
      endpoint: hub.httpsEndpoint,
      ca: hub.caCertificate,
    })
    return new OtherDevice(fleet, device, hub)
  }

  get cam1() {
    return this.fleet.getDeviceClient('cam-1')
  }

  async report(patch: JsonObject): Promise<void> {
    await report(await this.device.client.getTwin(), patch)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.close()
    await this.device[Symbol.asyncDispose]()
    await this.#scope[Symbol.asyncDispose]()
  }
}

const echo = (methodName: string, methodRequestPayload: unknown): JsonObject => ({
  methodName,
  methodRequestId: '1',
  methodRequestPayload: JSON.parse(JSON.stringify(methodRequestPayload ?? null)),
})

/** How the samples answer a method that begins something, and `az iot device simulate` any method. */
const answers: readonly (readonly [device: string, (name: string, payload: unknown) => [number, JsonValue]])[] = [
  ['Node tutorial', () => [200, 'Reboot started']],
  ['.NET how-to', () => [200, { result: 'Reboot started.' }]],
  ['Java tutorial', () => [200, 'Started reboot']],
  ['Java how-to', (_, payload) => [200, JSON.parse(JSON.stringify(payload ?? null))]],
  ['Python tutorial', () => [200, { Response: 'This is the response from the device' }]],
  ['Plug and Play sample', () => [200, 'reboot response']],
  ['az iot device simulate', (name, payload) => [200, echo(name, payload)]],
  ['az iot device simulate with --mrc 201', () => [201, { result: 'Direct method successful' }]],
]

describe.concurrent('a device of other software', () => {
  it.each(answers)('that answers like the %s can be called, and says how a begin was answered', async (_, answer) => {
    await using other = await OtherDevice.open(answer)
    const { anyMethod } = other.cam1.methods
    for (const payload of [null, 5, 'text', { a: [1] }]) {
      expect(await anyMethod.invoke(payload)).toEqual(answer('anyMethod', payload)[1])
    }
    const operationId = 'op-1'
    const [status, payload] = answer('reboot', { operationId })
    const error: unknown = await other.cam1.actions.reboot.begin({}, { operationId }).catch((reason: unknown) => reason)
    if (!isInvalidResponseError(error)) throw error
    expect(error.answer).toEqual({ status, payload })
    expect(error.message).toContain(`status ${status} of other software`)
  })

  it.each([
    ['Java tutorial', 404, 'Not defined direct method reboot'],
    ['Python tutorial', 404, { Response: 'Unknown method' }],
    ['firmware sample of the Node SDK', 400, 'Invalid URL format.  Must use https:// protocol.'],
  ] satisfies [string, number, JsonValue][])(
    'that refuses like the %s is a RefusedError',
    async (_, status, payload) => {
      await using other = await OtherDevice.open(() => [status, payload])
      const { reboot: rebooted } = other.cam1.actions
      const error: unknown = await rebooted.begin().catch((reason: unknown) => reason)
      if (!isRefusedError(error)) throw error
      expect(error).toMatchObject({ code: 'Refused', status })
      await expect(other.cam1.methods.anyMethod.invoke(null)).rejects.toMatchObject({ code: 'Refused', status })
    },
  )

  it('is followed in what it reports: an update of the tutorial of 2017', async () => {
    await using other = await OtherDevice.open(() => [200, 'FirmwareUpdate started'])
    const { firmwareUpdate: update } = other.cam1.actions
    await expect(
      update.begin({ fwPackageUri: 'https://secureurl/1.bin', fwVersion: '1', fwPackageCheckValue: 'a'.repeat(64) }),
    ).rejects.toMatchObject({ code: 'InvalidResponse', answer: { payload: 'FirmwareUpdate started' } })
    for (const [word, status] of [
      ['downloading', 'downloading'],
      ['applyComplete', 'current'],
    ]) {
      await other.report({ iothubDM: { firmwareUpdate: { status: word ?? null } } })
      expect(await update.latest()).toMatchObject({ kind: 'published', report: { status, detail: word } })
    }
  })

  it('is configured, by the tutorial of twins and by a mirror of what is desired', async () => {
    await using other = await OtherDevice.open(() => [200, null])
    const { telemetryConfig, fanOn } = other.cam1.configurations
    const wanted = { configId: 'c1', sendFrequency: '5m' }
    const set = telemetryConfig.set(wanted, { timeoutInMs: 20_000 })
    const old = { configId: 'c0', sendFrequency: '1h' }
    await other.report({ telemetryConfig: { ...old, status: 'Pending', pendingConfig: wanted } })
    await expect(telemetryConfig.get()).resolves.toMatchObject({ state: 'pending', value: old })
    await other.report({ telemetryConfig: { ...wanted, status: 'Success', pendingConfig: null } })
    await expect(set).resolves.toMatchObject({ state: 'applied', value: wanted })
    // az iot device simulate copies every desired patch into the reported properties.
    await fanOn.set(true, { timeoutInMs: 0 })
    await other.report({ fanOn: true })
    await expect(fanOn.get()).resolves.toMatchObject({ state: 'applied', desired: true })
    await telemetryConfig.set({ configId: 'c2', sendFrequency: '1s' }, { timeoutInMs: 0 })
    await other.report({ telemetryConfig: { configId: 'c2', sendFrequency: '1s', status: 'Error' } })
    await expect(telemetryConfig.get()).resolves.toMatchObject({ state: 'failed', ad: 'Error' })
  })
})
