import { Duplex } from 'node:stream'
import { generate, type IPublishPacket } from 'mqtt-packet'
import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../hub-core/clock/manual-clock.ts'
import { EventStream } from '../../../hub-core/event/event-stream.ts'
import { Faults } from '../../../hub-core/faults/faults.ts'
import { PacketStream } from './packet-stream.ts'

/** A stream whose other end takes what is written only when told to. */
class StalledStream extends Duplex {
  #release: () => void = () => {}

  override _read(): void {}

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    this.#release = done
  }

  release(): void {
    this.#release()
  }
}

const large: IPublishPacket = {
  cmd: 'publish',
  topic: 'a',
  payload: 'x'.repeat(100_000),
  qos: 0,
  dup: false,
  retain: false,
}

function setUp() {
  const clock = new ManualClock()
  const stream = new StalledStream()
  const received: string[] = []
  const ended: string[] = []
  const handler = {
    received: (packet: { readonly cmd: string }) => received.push(packet.cmd),
    ended: (reason: string) => ended.push(reason),
  }
  const faults = new Faults(clock, new EventStream()).packets
  const packets = new PacketStream({ stream, reset: () => stream.destroy() }, { clock, faults, handler })
  return { clock, stream, received, ended, packets }
}

describe('PacketStream', () => {
  it('does not hear a client that does not read, until it does', () => {
    const { packets, stream } = setUp()
    expect(stream.isPaused()).toBe(false)
    packets.send(large)
    expect(stream.isPaused()).toBe(true)
    stream.release()
    expect(stream.isPaused()).toBe(false)
  })

  it('ends when too much waits for a client', () => {
    const { packets, ended } = setUp()
    for (let sent = 0; sent < 40; sent += 1) packets.send(large)
    expect(ended).toEqual([])
    for (let sent = 0; sent < 4; sent += 1) packets.send(large)
    expect(ended).toEqual(['tooSlow'])
  })

  it('ends once, sends and hears nothing after', () => {
    const { packets, stream, ended, received } = setUp()
    stream.emit('data', generate({ cmd: 'pingreq' }))
    packets.end('replaced')
    packets.end('hubClosing')
    packets.send({ cmd: 'pingresp' })
    stream.emit('data', generate({ cmd: 'pingreq' }))
    expect([ended, received]).toEqual([['replaced'], ['pingreq']])
    expect(stream.writableLength).toBe(0)
  })

  it('gives a client a second to hang up, then hangs up for it', () => {
    const { packets, stream, clock } = setUp()
    packets.end('replaced')
    clock.advance(999)
    expect(stream.destroyed).toBe(false)
    clock.advance(1)
    expect(stream.destroyed).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends by itself, with a warning, when the hub fails over a packet', () => {
    const { clock, stream } = setUp()
    const ended: string[] = []
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const faults = new Faults(clock, new EventStream()).packets
    const defect = new Error('a defect')
    const handler = {
      received: () => {
        throw defect
      },
      ended: (reason: string) => ended.push(reason),
    }
    const packets = new PacketStream({ stream, reset: () => {} }, { clock, faults, handler })
    stream.emit('data', generate({ cmd: 'pingreq' }))
    expect(packets.isOpen).toBe(false)
    expect(ended).toEqual(['internalError'])
    expect(emitWarning.mock.calls).toEqual([[defect]])
  })
})
