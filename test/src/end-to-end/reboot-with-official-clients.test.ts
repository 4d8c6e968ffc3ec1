import type { JsonValue } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { openTutorialDevice, TutorialBackEnd } from '../support/microsoft-style.ts'
import { TestBench } from '../support/test-bench.ts'

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)

describe.concurrent('a reboot, begun by code as in the tutorial on the official service client', () => {
  it('is answered and reported by code as in the tutorial on the official device client', async () => {
    await using bench = await TestBench.open()
    await using device = await openTutorialDevice(bench.hub, 'cam-1')
    const backEnd = new TutorialBackEnd(bench.hub)
    expect(await backEnd.startReboot('cam-1')).toEqual({ status: 200, payload: 'Reboot started' })
    const { lastReboot } = await backEnd.queryTwinLastReboot('cam-1')
    expect(lastReboot).toEqual(isoTime)
    expect((await device.client.getTwin()).properties.reported).toMatchObject({ iothubDM: { reboot: { lastReboot } } })
  })

  it.each<JsonValue>([null, 0, {}, 'Test payload', { delaySeconds: 0, unheardOf: true }])(
    'is accepted and carried out by our agent, with the payload %j',
    async payload => {
      await using bench = await TestBench.open()
      const device = await bench.connectDevice('cam-1')
      const backEnd = new TutorialBackEnd(bench.hub)
      const operationId = expect.stringMatching(/^[\w-]{36}$/)
      const answer = { status: 202, payload: { operationId, state: 'accepted' } }
      expect(await backEnd.startReboot('cam-1', payload)).toEqual(answer)
      expect(await backEnd.queryTwinLastReboot('cam-1')).toMatchObject({
        state: 'succeeded',
        lastReboot: isoTime,
        startedRebootTime: isoTime,
      })
      expect(device.attemptsOf('restart')).toEqual([1])
      expect(new Set(device.boots()).size).toBe(2)
    },
  )
})

describe.concurrent('a reboot, begun by our back end', () => {
  it('meets a typed error where the device answers as in the tutorial, and its report is read', async () => {
    await using bench = await TestBench.open()
    await using device = await openTutorialDevice(bench.hub, 'cam-1')
    const { reboot } = bench.fleet.getDeviceClient('cam-1').actions
    await device.onMethod('getLogs', () => ['a line'])
    expect(await bench.fleet.getDeviceClient('cam-1').methods.getLogs.invoke({ lines: 1 })).toEqual(['a line'])
    expect(await reboot.latest()).toBeUndefined()
    await expect(reboot.begin()).rejects.toMatchObject({
      name: 'InvalidResponseError',
      code: 'InvalidResponse',
      issues: [{ path: [], message: expect.stringContaining('status 200') }],
    })
    const { lastReboot } = await new TutorialBackEnd(bench.hub).queryTwinLastReboot('cam-1')
    expect(await reboot.latest()).toEqual({
      kind: 'published',
      report: { variant: 'node-tutorial', startedTime: lastReboot },
    })
  })

  it('is carried out by our agent, and the tutorial finds its report', async () => {
    await using bench = await TestBench.open()
    await bench.connectDevice('cam-1')
    const { reboot } = bench.fleet.getDeviceClient('cam-1').actions
    const operation = await reboot.begin()
    await operation.result({ timeoutInMs: 10_000 })
    expect(await new TutorialBackEnd(bench.hub).queryTwinLastReboot('cam-1')).toMatchObject({
      operationId: operation.operationId,
      lastReboot: operation.record.finishedTime,
    })
    expect(await reboot.latest()).toEqual({ kind: 'operation', record: operation.record })
  })
})
