import { ManualClock, startLocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { AzureDevice, registryOf } from './azure-clients.ts'

const configuration = {
  id: 'telemetry',
  schemaVersion: '1.0',
  content: { deviceContent: { 'properties.desired.telemetry': { everySeconds: 5 } } },
  targetCondition: "tags.site = 'oslo'",
  priority: 10,
}

describe('the official registry client and a configuration', () => {
  it('adds, gets, updates and removes it', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub, hub.connectionString('service'))
    const added = (await registry.addConfiguration(configuration)).responseBody
    expect(added).toMatchObject({ ...configuration, etag: 'MQ==', systemMetrics: { results: {} } })
    const got = (await registry.getConfiguration('telemetry')).responseBody
    expect(got).toMatchObject({ systemMetrics: { results: { targetedCount: 0, appliedCount: 0 } } })
    expect((await registry.getConfigurations()).responseBody).toEqual([got])
    const updated = (await registry.updateConfiguration({ ...got, priority: 20 })).responseBody
    expect(updated).toMatchObject({ priority: 20, etag: 'Mg==' })
    await expect(registry.updateConfiguration(got)).rejects.toMatchObject({ name: 'InvalidEtagError' })
    expect((await registry.updateConfiguration({ ...got, priority: 30 }, true)).responseBody.priority).toBe(30)
    await registry.removeConfiguration('telemetry')
    await expect(registry.getConfiguration('telemetry')).rejects.toMatchObject({
      message: 'Not found',
      responseBody: expect.stringContaining('ConfigurationNotFound'),
    })
  })

  it('learns why one is refused', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    await expect(registry.addConfiguration({ ...configuration, targetCondition: 'tags.' })).rejects.toMatchObject({
      name: 'ArgumentError',
      message: expect.stringContaining('The target condition is invalid'),
    })
    await registry.addConfiguration(configuration)
    await expect(registry.addConfiguration(configuration)).rejects.toMatchObject({ name: 'DeviceAlreadyExistsError' })
  })

  it('gives it to devices when they are targeted, connected or not', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock, configurationPeriodInMs: 60_000 })
    const registry = registryOf(hub)
    await using device = await AzureDevice.open(hub, 'd1')
    await hub.createDevice('away')
    const twin = await device.client.getTwin()
    const received: unknown[] = []
    await device.onDesired(twin, patch => received.push(patch))
    await registry.addConfiguration(configuration)
    for (const deviceId of ['d1', 'away']) await registry.updateTwin(deviceId, { tags: { site: 'oslo' } }, '*')
    const arrived = new Promise(resolve => twin.on('properties.desired.telemetry', resolve))
    const applied = hub.waitFor('configurationApplied', event => event.deviceId === 'away')
    clock.advance(60_000)
    expect(await arrived).toEqual({ everySeconds: 5 })
    expect(await applied).toEqual({ type: 'configurationApplied', configurationId: 'telemetry', deviceId: 'away' })
    expect(received.at(-1)).toEqual({ telemetry: { everySeconds: 5 }, $version: 2 })
    const query = registry.createQuery(
      "SELECT deviceId FROM devices WHERE configurations.[[telemetry]].status = 'Applied'",
    )
    expect((await query.next()).result).toEqual([{ deviceId: 'd1' }, { deviceId: 'away' }])
    const { responseBody: away } = await registry.getTwin('away')
    expect(away).toMatchObject({
      configurations: { telemetry: { status: 'Applied' } },
      properties: { desired: { telemetry: { everySeconds: 5 } } },
    })
  })

  it('puts the content of a deployment on an edge device', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    await registry.create({ deviceId: 'edge', capabilities: { iotEdge: true } })
    const lens = { 'properties.desired': { zoom: 2 } }
    const modulesContent = { $edgeAgent: { 'properties.desired': {} }, lens }
    await registry.applyConfigurationContentOnDevice('edge', { modulesContent })
    const modules = (await registry.getModulesOnDevice('edge')).responseBody
    expect(modules.map(module => module.moduleId)).toEqual(['$edgeAgent', '$edgeHub', 'lens'])
    const { responseBody: twin } = await registry.getModuleTwin('edge', 'lens')
    expect(twin.properties.desired).toMatchObject({ zoom: 2 })
    await hub.createDevice('d1')
    await expect(registry.applyConfigurationContentOnDevice('d1', { modulesContent })).rejects.toMatchObject({
      name: 'ArgumentError',
      message: 'Not an Azure IoT Edge device',
    })
  })
})
