import type { MaintenancePolicy } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { LaneBench } from '../support/lane-bench.ts'

const hourInMs = 3_600_000

function timeOfDay(fromNowInMs: number): string {
  return new Date(Date.now() + fromNowInMs).toISOString().slice(11, 16)
}

/** A window that opens in two hours, and the one that has closed two hours ago. */
function closedNow(): MaintenancePolicy {
  return {
    windows: [
      { start: timeOfDay(2 * hourInMs), durationMinutes: 60 },
      { start: timeOfDay(-3 * hourInMs), durationMinutes: 60 },
    ],
  }
}

function written(policy: MaintenancePolicy) {
  return { maintenanceWindow: JSON.parse(JSON.stringify(policy)) }
}

describe.concurrent('a maintenance window in the twin', () => {
  it('is acknowledged and reported, holds operations of both lanes, and lets them go in an emergency', async () => {
    await using bench = await LaneBench.open()
    const policy = closedNow()
    await bench.write({ ...written(policy), iothubDM: { clean: { operationId: 'op-1', lens: 1 } } })
    await bench.connect()
    const waiting = await bench.recordWhen('clean', 'waiting', 'op-1')
    expect(waiting.detail).toMatch(/^waits for the maintenance window, until \d{4}-/)
    const { maintenanceWindow } = await bench.reportedWhen(reported => reported.maintenanceWindow !== undefined)
    expect(maintenanceWindow).toMatchObject({
      value: policy,
      ac: 200,
      av: 2,
      open: false,
      nextOpening: expect.stringContaining('T'),
    })
    // Also a device that restarts, before it has read its twin again.
    await bench.disconnect()
    await bench.connect()
    expect(bench.runs).toEqual([])

    const override = { until: new Date(Date.now() + hourInMs).toISOString(), reason: 'leak' }
    await bench.write(written({ ...policy, override }))
    await bench.recordWhen('clean', 'succeeded', 'op-1')
    expect(bench.runs).toEqual(['clean 1'])
    const opened = await bench.reportedWhen(({ maintenanceWindow: section }) =>
      JSON.stringify(section).includes('true'),
    )
    expect(opened.maintenanceWindow).toMatchObject({ ac: 200, av: 3, open: true, nextClosing: override.until })
  })

  it('that makes no sense is refused, and the policy before stays in force', async () => {
    await using bench = await LaneBench.open()
    await bench.connect()
    await bench.write(written(closedNow()))
    await bench.reportedWhen(({ maintenanceWindow: section }) => JSON.stringify(section ?? '').includes('"ac":200'))
    await bench.write({ maintenanceWindow: { timeZone: 'Mars/Olympus' } })
    const { maintenanceWindow } = await bench.reportedWhen(({ maintenanceWindow: section }) =>
      JSON.stringify(section).includes('"ac":400'),
    )
    expect(maintenanceWindow).toMatchObject({
      ad: expect.stringContaining('timeZone: must be a time zone'),
      open: false,
    })
    expect((await bench.call('clean', { operationId: 'op-1' })).status).toBe(202)
    await bench.recordWhen('clean', 'waiting', 'op-1')
    expect((await bench.call('cancelOperation', { operationId: 'op-1' })).status).toBe(200)
    await bench.recordWhen('clean', 'cancelled', 'op-1')
    expect(bench.runs).toEqual([])
  })
})

describe.concurrent('the consent of somebody at the device', () => {
  it('is waited for, asked for again after a restart, and reported when it is denied', async () => {
    await using bench = await LaneBench.open()
    const asked: string[] = []
    await bench.connect({
      consent: ({ operationId }) => {
        asked.push(operationId)
        return { askAgainAt: new Date(Date.now() + hourInMs) }
      },
    })
    expect((await bench.call('clean', { operationId: 'op-1' })).status).toBe(202)
    const { detail } = await bench.recordWhen('clean', 'waiting', 'op-1')
    expect(detail).toMatch(/^waits for consent, asks again, until /)
    await bench.disconnect()
    await bench.connect({
      consent: ({ action }) => {
        asked.push(action)
        return 'denied'
      },
    })
    expect(await bench.recordWhen('clean', 'rejected', 'op-1')).toMatchObject({ error: { code: 'AdmissionRefused' } })
    expect(asked).toEqual(['op-1', 'clean'])
    expect(bench.runs).toEqual([])
  })
})
