import { describe, expect, it } from 'vitest'
import { createAzureConnection } from './azure-connection.ts'
import { startScriptedHub } from './scripted-hub.ts'

describe('smoke', () => {
  it('opens, reads, reports, answers', async () => {
    await using hub = await startScriptedHub()
    const log: unknown[] = []
    const connection = createAzureConnection(
      hub.connectionString,
      {
        onMethod: async call => {
          log.push(call.methodName, new TextDecoder().decode(call.payload))
          return { status: 200, payload: { a: 1 } }
        },
        onSession: () => log.push('session'),
        onLost: r => log.push(r),
        onAttemptFailed: (r, ms) => log.push(r, ms),
        onDesired: (p, v) => log.push(p, v),
      },
      { endpoint: hub.endpoint, ca: hub.ca },
    )
    await connection.open()
    const side = await hub.connection(1)
    expect(await connection.readTwin()).toEqual({ desired: {}, desiredVersion: 1, reported: {}, reportedVersion: 1 })
    expect(await connection.updateReported({ a: 1 })).toBe(2)
    side.publish({ topic: '$iothub/methods/POST/get logs/?$rid=7' })
    expect(await side.published('$iothub/methods/res')).toEqual({
      topic: '$iothub/methods/res/200/?$rid=7',
      body: '{"a":1}',
    })
    side.reset()
    await hub.connection(2)
    await connection.close()
  })
})
