import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { FleetClient } from '@iothub-dm/service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleProgram } from '../support/bundle-program.ts'
import { ChildProgram, type ProgramExit } from '../support/child-program.ts'
import { type DeviceSettings, deviceSettingsVariable } from '../support/device-messages.ts'
import { crashExitCode, misbehaving } from '../support/misbehaving-contract.ts'
import { backEndSettings } from '../support/test-bench.ts'

/** The device, under a supervisor that starts it again, in the same boot, whenever a handler has ended it. */
class CrashingDevice implements AsyncDisposable {
  output = ''
  starts = 0
  readonly #path: string
  readonly #settings: DeviceSettings
  #program: ChildProgram | undefined
  #closed = false

  constructor(path: string, settings: DeviceSettings) {
    this.#path = path
    this.#settings = settings
  }

  start(): void {
    this.starts += 1
    this.#program = new ChildProgram(
      this.#path,
      { [deviceSettingsVariable]: JSON.stringify(this.#settings) },
      {
        onOutput: text => {
          this.output += text
        },
        onMessage: () => {},
        onExit: exit => this.#onExit(exit),
      },
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#program?.kill()
  }

  #onExit({ code }: ProgramExit): void {
    if (!this.#closed && code === crashExitCode) this.start()
  }
}

describe('C7: a handler that misbehaves, on a real device', () => {
  let hub: LocalHub
  let fleet: FleetClient<typeof misbehaving>
  let directory: string
  let device: CrashingDevice

  beforeAll(async () => {
    hub = await startLocalHub()
    const { connectionString, ...options } = backEndSettings(hub)
    fleet = FleetClient.fromConnectionString(connectionString, misbehaving, options)
    directory = await mkdtemp(join(tmpdir(), 'iothub-dm-crash-'))
    device = new CrashingDevice(await bundleProgram('misbehaving-program'), {
      connectionString: await hub.createDevice('cam-1'),
      ca: hub.caCertificate,
      stateDirectory: join(directory, 'state'),
      blackBox: join(directory, 'black-box'),
      bootId: 'boot-1',
    })
    const connected = hub.waitFor('deviceConnected')
    device.start()
    await connected
  })

  afterAll(async () => {
    await device[Symbol.asyncDispose]()
    await fleet.close()
    await hub.close()
    await rm(directory, { recursive: true, force: true })
  })

  const patient = { connectTimeoutInSeconds: 10, responseTimeoutInSeconds: 30 }

  it('answers with far more than a hub takes: the caller is told so', async () => {
    const { methods } = fleet.getDeviceClient('cam-1')
    await expect(methods.huge.invoke({ megabytes: 64 }, patient)).rejects.toMatchObject({
      name: 'RefusedError',
      code: 'ResponseTooLarge',
      status: 500,
    })
    expect(await methods.ping.invoke(undefined, patient)).toBe('pong')
  })

  it('answers with 1 GB, more than a text can hold: the caller is told so', async () => {
    const { methods } = fleet.getDeviceClient('cam-1')
    const refused = { name: 'RefusedError', code: 'HandlerFailed', status: 500 }
    await expect(methods.huge.invoke({ megabytes: 1024 }, patient)).rejects.toMatchObject(refused)
    expect(await methods.ping.invoke(undefined, patient)).toBe('pong')
  })

  it('results in far more than a hub takes: the operation fails', async () => {
    const operation = await fleet.getDeviceClient('cam-1').actions.hoard.begin({ megabytes: 64 }, patient)
    await expect(operation.result({ timeoutInMs: 10_000 })).rejects.toMatchObject({
      record: { state: 'failed', error: { code: 'InvalidResult' } },
    })
  })

  it('blocks the event loop for three seconds: its caller and all others are answered', async () => {
    const { methods } = fleet.getDeviceClient('cam-1')
    const answers = Promise.all([
      methods.block.invoke({ milliseconds: 3_000 }, patient),
      methods.ping.invoke(undefined, patient),
      methods.ping.invoke(undefined, patient),
    ])
    expect(await answers).toEqual(['done', 'pong', 'pong'])
    expect(device.starts).toBe(1)
  })

  it('ends the process in a method: the caller gets a typed error, and the device comes back', async () => {
    const { methods } = fleet.getDeviceClient('cam-1')
    const failure: unknown = await methods.exit.invoke(undefined, { responseTimeoutInSeconds: 5 }).catch(error => error)
    expect(failure).toMatchObject({ name: 'HubError', code: expect.stringMatching(/^Device(Offline|Timeout)$/) })
    expect(await methods.ping.invoke(undefined, patient)).toBe('pong')
    expect(device.starts).toBe(2)
  })

  it('R5: ends the process in an action, in every life: three lives, then it has failed', async () => {
    const before = device.starts
    const operation = await fleet.getDeviceClient('cam-1').actions.crash.begin(undefined, patient)
    await expect(operation.result({ timeoutInMs: 15_000 })).rejects.toMatchObject({
      record: { state: 'failed', attempt: 3, error: { code: 'TooManyAttempts' } },
    })
    expect(device.starts - before).toBe(3)
    expect(device.output).toContain('(crash) was cut off in the middle of life 1')
    expect(device.output).toContain('(crash) was cut off in the middle of life 2')
    expect(await fleet.getDeviceClient('cam-1').methods.ping.invoke(undefined, patient)).toBe('pong')
  })
})
