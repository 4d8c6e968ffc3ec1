import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { encodeOperationSection, type OperationRecord } from '@iothub-dm/protocol'
import { type Condition, FleetClient, type Paged, where } from '@iothub-dm/service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AzureDevice, registryOf, report } from '../local-hub/azure-clients.ts'
import { camera } from '../support/contract.ts'

const firstTime = '2026-01-01T10:00:00.000Z'
const done: OperationRecord = {
  operationId: 'op-1',
  state: 'succeeded',
  status: 'succeeded',
  attempt: 1,
  acceptedTime: firstTime,
  updatedTime: firstTime,
  finishedTime: firstTime,
}
const failed: OperationRecord = {
  ...done,
  state: 'failed',
  status: 'failed',
  finishedTime: '2026-01-02T10:00:00.000Z',
  error: { code: 'RestartNotObserved', message: 'still in the same boot', retryable: true },
}

/** What the devices of the fleet have reported about their reboots. */
const fleetOfFive: Readonly<Record<string, OperationRecord | undefined>> = {
  'cam-1': done,
  'cam-2': done,
  'cam-3': failed,
  'cam-4': { ...done, operationId: 'op-4', state: 'running', status: 'running' },
  'cam-5': undefined,
}

let hub: LocalHub
let fleet: FleetClient<typeof camera>

beforeAll(async () => {
  hub = await startLocalHub()
  for (const [deviceId, record] of Object.entries(fleetOfFive)) {
    await using device = await AzureDevice.open(hub, deviceId)
    const tags = { site: deviceId < 'cam-3' ? 'oslo' : 'bergen', group: deviceId }
    await registryOf(hub).updateTwin(deviceId, { tags }, '*')
    if (record === undefined) continue
    const twin = await device.client.getTwin()
    await report(twin, { iothubDM: { reboot: encodeOperationSection(record, undefined) } })
  }
  fleet = FleetClient.fromConnectionString(hub.connectionString('iothubowner'), camera, {
    endpoint: hub.httpsEndpoint,
    ca: hub.caCertificate,
  })
})
afterAll(async () => {
  await fleet.close()
  await hub.close()
})

async function ids(rows: Paged<{ readonly deviceId: string }>): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for await (const { deviceId } of rows) found.add(deviceId)
  return found
}

function rebootedSince(time: string): Condition<typeof camera> {
  return where(t => t.action('reboot').finishedTime.gte(time))
}

describe('B22: a fleet', () => {
  it('is found, whole or in part', async () => {
    expect(await ids(fleet.query())).toEqual(new Set(['cam-1', 'cam-2', 'cam-3', 'cam-4', 'cam-5']))
    expect(await ids(fleet.query(where(t => t.tags('site').eq('oslo'))))).toEqual(new Set(['cam-1', 'cam-2']))
    expect(await ids(fleet.query(where(t => t.tags('group').in(['cam-2', 'cam-5']))))).toEqual(
      new Set(['cam-2', 'cam-5']),
    )
    for await (const { tags, reported, etag } of fleet.query(where(t => t.deviceId.eq('cam-1')))) {
      expect(tags).toEqual({ site: 'oslo', group: 'cam-1' })
      expect(reported).toMatchObject({ iothubDM: { reboot: { state: 'succeeded' } } })
      expect(etag).toMatch(/\S/)
    }
  })

  it('comes in pages', async () => {
    const sizes: number[] = []
    for await (const page of fleet.query().byPage({ pageSize: 2 })) sizes.push(page.length)
    expect(sizes).toEqual([2, 2, 1])
  })

  it('is counted', async () => {
    expect(await fleet.count()).toBe(5)
    expect(await fleet.count(where(t => t.tags('site').eq('bergen')))).toBe(3)
    expect(await fleet.count(where(t => t.tags('site').eq('nowhere')))).toBe(0)
  })

  it('answers a query that was written by hand', async () => {
    const rows = fleet.queryRows('SELECT tags.site AS site, COUNT() AS devices FROM devices GROUP BY tags.site')
    const bySite: Record<string, unknown> = {}
    for await (const { site, devices } of rows) bySite[JSON.stringify(site)] = devices
    expect(bySite).toEqual({ '"oslo"': 2, '"bergen"': 3 })
  })
})

describe('B26: the progress of a fleet', () => {
  it('is counted by state', async () => {
    const summary = await fleet.actions.reboot.summary()
    expect(summary).toMatchObject({
      devices: 5,
      none: 1,
      byState: { succeeded: 2, failed: 1, running: 1, accepted: 0 },
    })
    const oslo = await fleet.actions.reboot.summary(where(t => t.tags('site').eq('oslo')))
    expect(oslo).toMatchObject({ devices: 2, none: 0, byState: { succeeded: 2, failed: 0 } })
  })

  it('tells who is in error, and why', async () => {
    const inError = fleet.actions.reboot.operations(where(t => t.action('reboot').state.eq('failed')))
    for await (const { deviceId, record } of inError) {
      expect([deviceId, record.error?.code]).toEqual(['cam-3', 'RestartNotObserved'])
    }
    expect(await ids(inError)).toEqual(new Set(['cam-3']))
  })

  it('tells which devices have rebooted since', async () => {
    expect(await ids(fleet.actions.reboot.operations(rebootedSince('2026-01-01T00:00:00.000Z')))).toContain('cam-1')
    expect(await ids(fleet.actions.reboot.operations(rebootedSince('2026-01-02T00:00:00.000Z')))).toEqual(
      new Set(['cam-3']),
    )
  })

  it('is that of the devices which have an operation', async () => {
    expect(await ids(fleet.actions.reboot.operations())).toEqual(new Set(['cam-1', 'cam-2', 'cam-3', 'cam-4']))
  })
})
