import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock/manual-clock.ts'
import { EventStream } from '../event/event-stream.ts'
import { Faults } from './faults.ts'
import type { PacketLane } from './packet-lane.ts'

interface Fixture {
  readonly clock: ManualClock
  readonly faults: Faults
  readonly arrived: string[]
  readonly send: (...packets: readonly string[]) => void
  readonly lane: PacketLane
}

function laneFixture(): Fixture {
  const clock = new ManualClock()
  const faults = new Faults(clock, new EventStream())
  const lane = faults.packets.lane('toHub')
  const arrived: string[] = []
  return {
    clock,
    faults,
    arrived,
    lane,
    send: (...packets) => {
      for (const packet of packets) {
        lane.pass({ key: 'd1', packet, topic: packet === 'publish' ? 'a/b' : undefined }, () => arrived.push(packet))
      }
    },
  }
}

describe('packets', () => {
  it('pass in order when nothing is armed', () => {
    const { send, arrived } = laneFixture()
    send('connect', 'publish')
    expect(arrived).toEqual(['connect', 'publish'])
  })

  it('get lost: the n-th of a kind', () => {
    const { faults, send, arrived } = laneFixture()
    const fault = faults.dropPacket({ packet: 'publish', nth: 2 })
    send('publish', 'pingreq', 'publish', 'publish')
    expect(arrived).toEqual(['publish', 'pingreq', 'publish'])
    expect(fault.strikes).toMatchObject([{ fault: 'dropPacket', deviceId: 'd1', what: 'publish' }])
  })

  it('get lost by topic, direction and device', () => {
    const { faults, send, arrived } = laneFixture()
    faults.dropPacket({ direction: 'toDevice' })
    faults.dropPacket({ deviceId: 'd2' })
    faults.dropPacket({ topic: 'x/' })
    faults.dropPacket({ topic: 'a/' })
    send('pingreq', 'publish', 'publish')
    expect(arrived).toEqual(['pingreq', 'publish'])
  })

  it('are late, and hold up those behind them', () => {
    const { clock, faults, send, arrived } = laneFixture()
    faults.delayPacket(500, { packet: 'subscribe' })
    faults.delayPacket(200, { packet: 'publish' })
    send('pingreq', 'subscribe', 'publish', 'pingreq')
    expect(arrived).toEqual(['pingreq'])
    clock.advance(500)
    expect(arrived).toEqual(['pingreq', 'subscribe'])
    clock.advance(200)
    expect(arrived).toEqual(['pingreq', 'subscribe', 'publish', 'pingreq'])
  })

  it('that wait end with their connection', () => {
    const { clock, faults, send, arrived, lane } = laneFixture()
    faults.delayPacket(500)
    send('publish', 'publish')
    lane.close()
    clock.advance(1000)
    expect(arrived).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('cannot be delayed by a negative time', () => {
    expect(() => laneFixture().faults.delayPacket(-1)).toThrow(/durationInMs: expected 0 or more, got -1/)
  })
})
