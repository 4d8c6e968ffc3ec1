import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConfigurationChange, DeviceAgent, implement } from '@iothub-dm/device'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import {
  configuration,
  decodeReportedConfiguration,
  defineContract,
  isJsonObject,
  type JsonObject,
} from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { openUplink } from '../../../examples/src/configuration/uplink.ts'
import { registryOf } from '../local-hub/azure-clients.ts'

const gateway = defineContract({
  configurations: {
    network: configuration(v.object({ apn: v.string() })),
    telemetryConfig: configuration(v.object({ configId: v.string(), sendFrequency: v.string() }), {
      acknowledgement: 'status',
    }),
  },
})
const confirmWithinInMs = 1_500

/** The back end writes desired properties; returns their version. */
async function write(hub: LocalHub, desired: JsonObject): Promise<number> {
  const { responseBody } = await registryOf(hub).updateTwin('gw-1', { properties: { desired } }, '*')
  return responseBody.properties.desired.$version
}

/** Waits until a section matches; resolves with the reported properties. */
async function reportedWhen(
  hub: LocalHub,
  name: string,
  matches: (section: JsonObject) => boolean,
): Promise<JsonObject> {
  for (;;) {
    const changed = hub.waitFor('reportedChanged')
    const { responseBody } = await registryOf(hub).getTwin('gw-1')
    const { reported } = responseBody.properties
    if (isJsonObject(reported[name]) && matches(reported[name])) return reported
    await changed
  }
}

describe('a configuration at a real connection', () => {
  it('is put back by itself when it cuts the device off, and the back end is told so', async () => {
    await using hub = await startLocalHub()
    await using uplink = await openUplink(hub.mqttEndpoint)
    const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-commit-'))
    const connectionString = await hub.createDevice('gw-1')
    const applied: [string | undefined, boolean][] = []
    const changes: ConfigurationChange[] = []
    const implementation = implement(gateway, {
      configurations: {
        network: {
          handle: (desired, { isPutBack }) => {
            applied.push([desired?.apn, isPutBack])
            uplink.set(desired?.apn === 'internet')
          },
          confirmWithinInMs,
        },
        telemetryConfig: () => {},
      },
    })
    await using agent = DeviceAgent.fromConnectionString(connectionString, implementation, {
      stateDirectory: join(directory, 'state'),
      bootId: 'boot-1',
      ca: hub.caCertificate,
      endpoint: uplink.endpoint,
      reconnect: { firstDelayInMs: 20, baseDelayInMs: 50, maxDelayInMs: 200 },
    })
    agent.on('configuration', change => changes.push(change))
    await agent.open()
    const good = await write(hub, { network: { apn: 'internet' } })
    await reportedWhen(hub, 'network', ({ ac, av }) => ac === 200 && av === good)

    const bad = await write(hub, { network: { apn: 'intranet' } })
    const { network } = await reportedWhen(hub, 'network', ({ av }) => av === bad)
    expect(network).toMatchObject({
      value: { apn: 'internet' },
      ac: 500,
      av: bad,
      ad: expect.stringMatching(/^the hub was not reached by .*; the value before is in use$/),
    })
    expect(applied).toEqual([
      ['internet', false],
      ['intranet', false],
      ['internet', true],
    ])
    expect(changes.at(-1)).toMatchObject({ name: 'network', acknowledgement: { ac: 500, av: bad } })
    await rm(directory, { recursive: true })
  })

  it('is acknowledged as the twin configuration tutorial does, and read so', async () => {
    await using hub = await startLocalHub()
    const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-status-'))
    const working: (() => void)[] = []
    const implementation = implement(gateway, {
      configurations: {
        network: () => {},
        telemetryConfig: () =>
          new Promise<void>(resolve => {
            working.push(resolve)
          }),
      },
    })
    await using agent = DeviceAgent.fromConnectionString(await hub.createDevice('gw-1'), implementation, {
      stateDirectory: join(directory, 'state'),
      bootId: 'boot-1',
      ca: hub.caCertificate,
      endpoint: hub.mqttEndpoint,
    })
    await agent.open()
    const telemetryConfig = { configId: 'a', sendFrequency: '5m' }
    await write(hub, { telemetryConfig })
    const pending = await reportedWhen(hub, 'telemetryConfig', ({ status }) => status === 'Pending')
    expect(pending.telemetryConfig).toEqual({ status: 'Pending', pendingConfig: telemetryConfig })
    expect(decodeReportedConfiguration('telemetryConfig', pending)).toMatchObject({ report: { state: 'pending' } })
    for (const finish of working) finish()
    const done = await reportedWhen(hub, 'telemetryConfig', ({ status }) => status === 'Success')
    expect(done.telemetryConfig).toEqual({ ...telemetryConfig, status: 'Success' })
    await rm(directory, { recursive: true })
  })
})
