import { describe, expect, it } from 'vitest'
import { LaneBench } from '../support/lane-bench.ts'

describe('a method that is not in the contract', () => {
  it('is echoed as az iot device simulate does, when the device is told to', async () => {
    await using bench = await LaneBench.open()
    await bench.connect({ onUnknownMethod: 'echo' })
    for (const name of ['anything', '__proto__', 'component*command']) {
      expect(await bench.call(name, { a: [1] })).toEqual({
        status: 200,
        payload: { methodName: name, methodRequestId: expect.any(String), methodRequestPayload: { a: [1] } },
      })
    }
    expect((await bench.call('clean', { operationId: 'op' })).status).toBe(202)
  })

  it('is answered by a function, with its status unchanged', async () => {
    await using bench = await LaneBench.open()
    await bench.connect({
      onUnknownMethod: ({ methodName }) => ({ status: 201, payload: { result: `${methodName} done` } }),
    })
    expect(await bench.call('dance', {})).toEqual({ status: 201, payload: { result: 'dance done' } })
  })
})
