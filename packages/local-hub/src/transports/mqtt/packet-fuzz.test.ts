import * as fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { liveMemory, openSockets } from '../../../test/live-memory.ts'
import { damagedPackets } from '../../../test/packet-arbitraries.ts'
import { connectPacket, RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { callRest } from '../../../test/rest-call.ts'
import type { LocalHub } from '../../index.ts'

const numRuns = Number(process.env.FUZZ_RUNS ?? 300)
/** Measured: 0.3 MB for 300 runs, less than nothing for 4,000; 2.5 MB and more for 300 runs of a hub that remembers each client. */
const maxGrowthInBytes = 1.5 * 1024 * 1024

/** Throws bytes at the hub, hangs up, and waits until the connection is gone. */
async function attack(hub: LocalHub, pieces: readonly Buffer[], connected: boolean): Promise<void> {
  await using client = connected ? await RawMqttClient.connect(hub, 'd1') : await RawMqttClient.dial(hub)
  for (const piece of pieces) client.sendBytes(piece)
  client.hangUp()
  await client.closed
}

async function expectAlive(hub: LocalHub): Promise<void> {
  await using client = await RawMqttClient.connect(hub, 'd1')
  await client.subscribe('$iothub/twin/res/#')
  client.publish('$iothub/twin/GET/?$rid=alive')
  while ((await client.next('publish')).topic !== '$iothub/twin/res/200/?$rid=alive');
}

describe('a hub that gets nonsense', () => {
  it('survives random bytes', async () => {
    await using hub = await hubWithDevice()
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), (bytes, connected) =>
        attack(
          hub,
          bytes.map(piece => Buffer.from(piece)),
          connected,
        ),
      ),
      { seed: 19, numRuns },
    )
    await expectAlive(hub)
  }, 120_000)

  it('survives valid packets that were damaged, and keeps no memory of them', async () => {
    await using hub = await hubWithDevice()
    const pieces = fc.array(damagedPackets(connectPacket(hub, 'd1')), { minLength: 1, maxLength: 4 })
    const run = (seed: number): Promise<void> =>
      fc.assert(
        fc.asyncProperty(pieces, fc.boolean(), (bytes, connected) => attack(hub, bytes, connected)),
        { seed, numRuns },
      )
    // The first run warms up: compiled code, pools, caches.
    await run(1)
    const before = await liveMemory()
    await run(2)
    const growth = (await liveMemory()) - before
    await expectAlive(hub)
    expect(growth).toBeLessThan(maxGrowthInBytes)
    await expect.poll(openSockets).toBe(0)
  }, 120_000)

  it('holds no more than one packet of a stream that never makes one', async () => {
    await using hub = await hubWithDevice()
    const before = await liveMemory()
    const flood = Buffer.alloc(1024 * 1024, 'x')
    for (let round = 0; round < 20; round += 1) {
      await using client = await RawMqttClient.connect(hub, 'd1')
      const gone = hub.waitFor('deviceDisconnected')
      // 256 MB are announced.
      client.sendBytes(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]))
      client.sendBytes(flood)
      expect(await gone).toMatchObject({ reason: 'protocolViolation' })
    }
    // One of the twenty floods, were it kept, has 1 MB.
    expect((await liveMemory()) - before).toBeLessThan(5 * 1024 * 1024)
  }, 60_000)

  it('cuts a client that does not read what it gets', async () => {
    await using hub = await hubWithDevice()
    await using client = await RawMqttClient.connect(hub, 'd1')
    await client.subscribe('$iothub/twin/PATCH/properties/desired/#')
    client.stopReading()
    const reasons: string[] = []
    hub.subscribe(event => event.type === 'deviceDisconnected' && reasons.push(event.reason))
    const desired = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [index, 'x'.repeat(4000)]))
    for (let patches = 0; reasons.length === 0 && patches < 3000; patches += 1) {
      await callRest(hub, { method: 'PATCH', path: '/twins/d1', body: { properties: { desired } } })
    }
    expect(reasons).toEqual(['tooSlow'])
  }, 60_000)
})

describe('a hub whose clients break off', () => {
  it.each(['fin', 'rst'] as const)(
    'in the middle of anything, by %s, lets them return',
    async manner => {
      await using hub = await hubWithDevice()
      const conversation = Buffer.concat([
        generate(connectPacket(hub, 'd1')),
        generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '$iothub/twin/res/#', qos: 1 }] }),
        generate({
          cmd: 'publish',
          topic: '$iothub/twin/GET/?$rid=1',
          payload: ' ',
          qos: 1,
          messageId: 2,
          dup: false,
          retain: false,
        }),
        generate({ cmd: 'disconnect' }),
      ])
      for (let length = 0; length <= conversation.length; length += 7) {
        const client = await RawMqttClient.dial(hub)
        client.sendBytes(conversation.subarray(0, length))
        if (manner === 'rst') client.reset()
        else client.hangUp()
        await client.closed
      }
      await expectAlive(hub)
    },
    60_000,
  )
})
