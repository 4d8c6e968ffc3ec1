import { ManualClock, startLocalHub } from '@iothub-dm/local-hub'
import type { Registry } from 'azure-iothub'
import { describe, expect, it } from 'vitest'
import { AzureDevice, registryOf, report } from './azure-clients.ts'

const periodInMs = 5 * 60 * 1000

function metric(...statuses: readonly string[]): string {
  const conditions = statuses.map(status => `properties.reported.firmware.fwUpdateStatus='${status}'`)
  return `SELECT deviceId FROM devices WHERE configurations.[[firmware285]].status='Applied' AND (${conditions.join(' OR ')})`
}

/** The configuration of the tutorial "Use a configuration to update device firmware". */
const firmware285 = {
  id: 'firmware285',
  schemaVersion: '1.0',
  content: {
    deviceContent: {
      'properties.desired.firmware': {
        fwVersion: '2.8.5',
        fwPackageURI: 'https://secureuri/package.bin',
        fwPackageCheckValue: '123456abcde',
      },
    },
  },
  metrics: {
    queries: {
      current: metric('current'),
      applying: metric('downloading', 'verifying', 'applying'),
      rebooting: metric('rebooting'),
      error: metric('error'),
      rolledback: metric('rolledback'),
    },
  },
  targetCondition: "tags.devicetype = 'chiller'",
  priority: 20,
}

async function metricsOf(registry: Registry): Promise<unknown> {
  const { responseBody } = await registry.getConfiguration('firmware285')
  return { ...responseBody.systemMetrics?.results, ...responseBody.metrics?.results }
}

const nothing = { current: 0, applying: 0, rebooting: 0, error: 0, rolledback: 0 }

describe('the firmware update of the tutorial', () => {
  it('reaches the chillers, and its metrics follow what they report', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock })
    const registry = registryOf(hub)
    await using chiller = await AzureDevice.open(hub, 'chiller')
    await using heater = await AzureDevice.open(hub, 'heater')
    for (const device of ['chiller', 'heater']) {
      await registry.updateTwin(device, { tags: { devicetype: device } }, '*')
    }
    const twin = await chiller.client.getTwin()
    const update = async (fwUpdateStatus: string): Promise<void> => {
      await report(twin, { firmware: { fwUpdateStatus } })
      clock.advance(periodInMs)
    }
    await report(twin, { firmware: { currentFwVersion: '1.0.0', fwUpdateStatus: 'current' } })
    await report(await heater.client.getTwin(), { firmware: { currentFwVersion: '1.0.0', fwUpdateStatus: 'current' } })
    await chiller.onDesired(twin, () => {})

    const desired = new Promise(resolve => twin.on('properties.desired.firmware', resolve))
    await registry.addConfiguration(firmware285)
    expect(await desired).toEqual(firmware285.content.deviceContent['properties.desired.firmware'])
    const counts = { ...nothing, targetedCount: 1, appliedCount: 1 }
    expect(await metricsOf(registry)).toEqual({ ...counts, current: 1 })
    for (const status of ['downloading', 'verifying', 'applying']) {
      await update(status)
      expect(await metricsOf(registry)).toEqual({ ...counts, applying: 1 })
    }
    await update('rebooting')
    expect(await metricsOf(registry)).toEqual({ ...counts, rebooting: 1 })
    await update('error')
    expect(await metricsOf(registry)).toEqual({ ...counts, error: 1 })
    await update('rolledback')
    expect(await metricsOf(registry)).toEqual({ ...counts, rolledback: 1 })
    await update('current')
    expect(await metricsOf(registry)).toEqual({ ...counts, current: 1 })
  })

  it('is superseded by a newer one of a higher priority', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    await hub.createDevice('chiller')
    await registry.updateTwin('chiller', { tags: { devicetype: 'chiller' } }, '*')
    await registry.addConfiguration(firmware285)
    const firmware = { fwVersion: '3.0.0', fwPackageURI: 'https://secureuri/next.bin', fwPackageCheckValue: 'fedcba' }
    const content = { deviceContent: { 'properties.desired.firmware': firmware } }
    await registry.addConfiguration({
      ...firmware285,
      id: 'firmware300',
      content,
      metrics: { queries: {} },
      priority: 30,
    })
    const { responseBody: twin } = await registry.getTwin('chiller')
    expect(twin).toMatchObject({
      configurations: { firmware285: { status: 'Targeted' }, firmware300: { status: 'Applied' } },
      properties: { desired: { firmware } },
    })
    await registry.removeConfiguration('firmware300')
    const { responseBody: former } = await registry.getTwin('chiller')
    expect(former).toMatchObject({ properties: { desired: { firmware: { fwVersion: '2.8.5' } } } })
  })
})
