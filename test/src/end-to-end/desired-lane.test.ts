import { encodeDesiredOperation, encodeDesiredOperationClear } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { LaneBench } from '../support/lane-bench.ts'

function clean(operationId: string, lens: number, expiresAt?: Date) {
  const request = { operationId, expiresAt: expiresAt?.toISOString(), request: { lens } }
  return encodeDesiredOperation('clean', request, {}) ?? {}
}

describe.concurrent('an operation that the official registry client asks for in the twin', () => {
  it('runs while the device is connected, and once, although the method asks for it too', async () => {
    await using bench = await LaneBench.open()
    await bench.connect()
    await bench.write(clean('op-1', 1))
    await bench.recordWhen('clean', 'succeeded', 'op-1')
    expect(await bench.call('clean', { operationId: 'op-1', lens: 1 })).toEqual({
      status: 200,
      payload: { operationId: 'op-1', state: 'succeeded' },
    })
    expect((await bench.call('clean', { operationId: 'op-2', lens: 2 })).status).toBe(202)
    await bench.recordWhen('clean', 'succeeded', 'op-2')
    await bench.write(clean('op-2', 2))
    await bench.write(clean('op-3', 3))
    await bench.recordWhen('clean', 'succeeded', 'op-3')
    expect(bench.runs).toEqual(['clean 1', 'clean 2', 'clean 3'])
    expect(bench.errors).toEqual([])
  })

  it('C3: waits for a device that is offline, and runs once, over restarts', async () => {
    await using bench = await LaneBench.open()
    await bench.write(clean('op-1', 1))
    await bench.connect()
    await bench.recordWhen('clean', 'succeeded', 'op-1')
    await bench.disconnect()
    await bench.write(clean('op-2', 2))
    await bench.connect()
    await bench.recordWhen('clean', 'succeeded', 'op-2')
    await bench.disconnect()
    await bench.connect()
    await bench.write(encodeDesiredOperationClear('clean'))
    await bench.write(clean('op-3', 3))
    await bench.recordWhen('clean', 'succeeded', 'op-3')
    expect(bench.runs).toEqual(['clean 1', 'clean 2', 'clean 3'])
  })

  it('C4: is reported as expired when the device comes too late, and as rejected when it cannot be understood', async () => {
    await using bench = await LaneBench.open()
    await bench.write(clean('op-1', 1, new Date(Date.now() - 1)))
    await bench.connect()
    expect(await bench.recordWhen('clean', 'expired', 'op-1')).toMatchObject({ attempt: 0, error: { code: 'Expired' } })
    await bench.write({ iothubDM: { clean: { operationId: 'op-2', expiresAt: null, lens: 'left' } } })
    expect(await bench.recordWhen('clean', 'rejected', 'op-2')).toMatchObject({ error: { code: 'InvalidPayload' } })
    expect(bench.runs).toEqual([])
    expect(bench.errors).toEqual([])
  })
})

function firmware(fwVersion: string) {
  const fwPackageURI = `https://images.example/${fwVersion}.bin`
  return { 'properties.desired.firmware': { fwVersion, fwPackageURI, fwPackageCheckValue: 'ab'.repeat(32) } }
}

describe.concurrent('a hub configuration that writes the section of a documented pattern', () => {
  it('starts the action once for each content', async () => {
    await using bench = await LaneBench.open()
    const add = (id: string, fwVersion: string, priority: number) =>
      bench.registry.addConfiguration({
        id,
        schemaVersion: '1.0',
        content: { deviceContent: firmware(fwVersion) },
        targetCondition: '*',
        priority,
      })
    await bench.connect()
    await add('firmware285', '2.8.5', 10)
    const first = await bench.recordWhen('firmwareUpdate', 'succeeded')
    await bench.disconnect()
    await bench.connect()
    await add('firmware290', '2.9.0', 20)
    await bench.recordWhen('firmwareUpdate', 'succeeded')
    await bench.reportedWhen(() => bench.runs.length === 2)
    expect(first.operationId).toMatch(/^desired-\d+-[0-9a-f]{32}$/)
    expect(bench.runs).toEqual([
      'update to 2.8.5 from https://images.example/2.8.5.bin',
      'update to 2.9.0 from https://images.example/2.9.0.bin',
    ])
  })
})
