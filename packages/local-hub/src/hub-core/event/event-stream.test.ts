import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { waitForEvent } from '../../wait-for-event.ts'
import { EventStream } from './event-stream.ts'
import type { HubEvent } from './hub-event.ts'

const created = (deviceId: string): HubEvent => ({ type: 'deviceCreated', deviceId })

describe('EventStream', () => {
  it('stops calling a listener that was removed', () => {
    const events = new EventStream()
    const seen: HubEvent[] = []
    const remove = events.subscribe(event => seen.push(event))
    events.emit(created('d1'))
    remove()
    events.emit(created('d2'))
    expect(seen).toEqual([created('d1')])
  })

  it('goes on when a listener throws, and lets the fault surface', async () => {
    const events = new EventStream()
    const seen: HubEvent[] = []
    events.subscribe(() => {
      throw new Error('a bad listener')
    })
    events.subscribe(event => seen.push(event))
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    try {
      const surfaced = once(process, 'uncaughtException')
      events.emit(created('d1'))
      expect(seen).toEqual([created('d1')])
      expect(await surfaced).toMatchObject([{ message: 'a bad listener' }, 'uncaughtException'])
    } finally {
      for (const listener of others) process.on('uncaughtException', listener)
    }
  })
})

describe('waitForEvent', () => {
  const never = new AbortController().signal

  it('resolves with the first event of the type that matches', async () => {
    const events = new EventStream()
    const found = waitForEvent(events, 'deviceCreated', event => event.deviceId !== 'd1', never)
    events.emit(created('d1'))
    events.emit({ type: 'deviceDeleted', deviceId: 'd2' })
    events.emit(created('d3'))
    events.emit(created('d4'))
    expect(await found).toEqual(created('d3'))
  })

  it('rejects when it is given up, before or while waiting', async () => {
    const events = new EventStream()
    const abort = new AbortController()
    const waiting = waitForEvent(events, 'deviceCreated', () => true, abort.signal)
    abort.abort()
    await expect(waiting).rejects.toThrow("the hub was closed while waiting for 'deviceCreated'")
    await expect(waitForEvent(events, 'deviceCreated', () => true, abort.signal)).rejects.toThrow('the hub was closed')
  })
})
