import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { RecordingListener } from '../../test/recording-listener.ts'
import { HubConnectionError } from './errors.ts'
import type { HubLink, HubLinkListener } from './hub-link.ts'
import { SupervisedConnection, type SupervisedConnectionOptions } from './supervised-connection.ts'

const day = 24 * 60 * 60 * 1_000
const unavailable = new HubConnectionError('HubUnavailable', 'no route')
const lost = new HubConnectionError('ConnectionLost', 'gone')
const unauthorized = new HubConnectionError('Unauthorized', 'no')
const twin = { desired: {}, desiredVersion: 1, reported: {}, reportedVersion: 1 }

class SimulatedLink implements HubLink {
  readonly listener: HubLinkListener
  readonly startedAt: number
  closed = false

  constructor(listener: HubLinkListener, startedAt: number) {
    this.listener = listener
    this.startedAt = startedAt
  }

  readTwin = async () => twin
  updateReported = async () => 2
  close = async () => {
    this.closed = true
  }
}

function supervise(options: SupervisedConnectionOptions = {}) {
  const clock = new ManualClock(0)
  const listener = new RecordingListener()
  const links: SimulatedLink[] = []
  const connection = new SupervisedConnection(
    linkListener => {
      const link = new SimulatedLink(linkListener, clock.now())
      links.push(link)
      return link
    },
    listener,
    { clock, random: () => 0.5, reconnect: { profile: 'single' }, ...options },
  )
  const last = () => {
    const link = links.at(-1)
    if (link === undefined) throw new Error('no link was started')
    return link
  }
  const opened = async () => {
    const opening = connection.open()
    last().listener.onSession()
    await opening
  }
  return { clock, listener, links, last, connection, opened }
}

describe('opening', () => {
  it('resolves at the first session and tells of it', async () => {
    const { connection, listener, opened } = supervise()
    await opened()
    expect(listener.events).toEqual([{ type: 'session' }])
    await expect(connection.readTwin()).resolves.toBe(twin)
    await expect(connection.updateReported({})).resolves.toBe(2)
  })

  it('keeps trying while the hub is away', async () => {
    const { connection, clock, links, last, listener } = supervise()
    const opening = connection.open()
    last().listener.onEnd(unavailable)
    expect(listener.events).toEqual([{ type: 'attemptFailed', reason: unavailable, retryInMs: 750 }])
    clock.advance(749)
    expect(links).toHaveLength(1)
    clock.advance(1)
    last().listener.onSession()
    await opening
    expect(links).toHaveLength(2)
  })

  it('rejects when the hub refuses the credentials, and may be called again', async () => {
    const { connection, clock, links, last, opened } = supervise()
    const opening = connection.open()
    last().listener.onEnd(unauthorized)
    await expect(opening).rejects.toBe(unauthorized)
    clock.advance(day)
    expect(links).toHaveLength(1)
    await opened()
    expect(links).toHaveLength(2)
  })

  it('ends with the reason of the signal, at once and for good', async () => {
    const { connection, clock, links, last } = supervise()
    const controller = new AbortController()
    const opening = connection.open({ abortSignal: controller.signal })
    last().listener.onEnd(unavailable)
    controller.abort(new Error('enough'))
    await expect(opening).rejects.toThrow('enough')
    clock.advance(day)
    expect(links).toHaveLength(1)
    await expect(connection.open({ abortSignal: controller.signal })).rejects.toThrow('enough')
  })

  it('ends the attempt under way when it is aborted', async () => {
    const { connection, last } = supervise()
    const controller = new AbortController()
    const opening = connection.open({ abortSignal: controller.signal })
    controller.abort()
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
    expect(last().closed).toBe(true)
  })

  it('is not undone by a signal that comes later', async () => {
    const { connection, last } = supervise()
    const controller = new AbortController()
    const opening = connection.open({ abortSignal: controller.signal })
    last().listener.onSession()
    controller.abort()
    await opening
    await expect(connection.readTwin()).resolves.toBe(twin)
  })

  it('refuses to be called on an open connection', async () => {
    const { connection, opened } = supervise()
    await opened()
    await expect(connection.open()).rejects.toThrow(TypeError)
  })
})

describe('after a loss', () => {
  it('is back within a second after a lone blip', async () => {
    const { clock, listener, links, last, opened } = supervise()
    await opened()
    clock.advance(60_000)
    last().listener.onEnd(lost)
    clock.advance(1_000)
    expect(links).toHaveLength(2)
    last().listener.onSession()
    expect(listener.events).toEqual([{ type: 'session' }, { type: 'lost', reason: lost }, { type: 'session' }])
  })

  it('rejects calls while there is no session', async () => {
    const { connection, last, opened } = supervise()
    await opened()
    last().listener.onEnd(lost)
    await expect(connection.readTwin()).rejects.toMatchObject({ code: 'ConnectionLost', retryable: true })
    await expect(connection.updateReported({})).rejects.toMatchObject({ code: 'ConnectionLost' })
  })

  // The SDK gives up after four minutes (trap 4).
  it('never gives up: 30 days without a hub, and back within 30 s', async () => {
    const { clock, links, last, opened } = supervise()
    await opened()
    clock.advance(60_000)
    last().listener.onEnd(lost)
    const end = clock.now() + 30 * day
    while (clock.now() < end) {
      const attempts = links.length
      clock.advance(30_000)
      expect(links.length).toBeGreaterThan(attempts)
      last().listener.onEnd(unavailable)
    }
    clock.advance(30_000)
    last().listener.onSession()
    expect(links.length).toBeLessThan(2 * ((30 * day) / 15_250))
  })

  // The SDK reconnects at once, thousands of times, when two devices have one identity (trap 10).
  it('slows down when sessions are short', async () => {
    const { clock, links, last, opened } = supervise()
    await opened()
    const end = clock.now() + 60 * 60 * 1_000
    while (clock.now() < end) {
      last().listener.onEnd(lost)
      const attempts = links.length
      while (links.length === attempts) clock.advance(100)
      last().listener.onSession()
    }
    expect(links.length).toBeLessThan(300)
  })

  it('forgets its failures once a session has lasted', async () => {
    const { clock, links, last, opened } = supervise()
    await opened()
    for (let failure = 0; failure < 10; failure += 1) {
      last().listener.onEnd(unavailable)
      clock.advance(30_000)
    }
    last().listener.onSession()
    clock.advance(10_000)
    last().listener.onEnd(lost)
    const attempts = links.length
    clock.advance(500)
    expect(links).toHaveLength(attempts + 1)
  })

  // The SDK hammers a hub that refuses it after the first success (trap 3).
  it('waits for minutes when the hub refuses the credentials, and comes back when it no longer does', async () => {
    const { clock, listener, links, last, opened } = supervise()
    await opened()
    last().listener.onEnd(unauthorized)
    expect(listener.events.at(-1)).toEqual({ type: 'lost', reason: unauthorized })
    clock.advance(224_999)
    expect(links).toHaveLength(1)
    clock.advance(1)
    last().listener.onEnd(unauthorized)
    expect(listener.events.at(-1)).toEqual({ type: 'attemptFailed', reason: unauthorized, retryInMs: 225_000 })
    clock.advance(225_000)
    last().listener.onSession()
    expect(listener.events.at(-1)).toEqual({ type: 'session' })
  })

  it('does not hear a link that has ended', async () => {
    const { clock, listener, links, last, opened } = supervise()
    await opened()
    const first = last()
    first.listener.onEnd(lost)
    first.listener.onEnd(lost)
    first.listener.onSession()
    clock.advance(1_000)
    expect(links).toHaveLength(2)
    expect(listener.events).toEqual([{ type: 'session' }, { type: 'lost', reason: lost }])
  })
})

describe('closing', () => {
  // The SDK's client comes back from the dead (trap 7).
  it('is final: nothing comes back while a retry was waiting', async () => {
    const { connection, clock, links, last, opened } = supervise()
    await opened()
    last().listener.onEnd(lost)
    await connection.close()
    clock.advance(day)
    expect(links).toHaveLength(1)
  })

  it('ends the link and silences it', async () => {
    const { connection, listener, last, opened } = supervise()
    await opened()
    await connection.close()
    await connection.close()
    expect(last().closed).toBe(true)
    last().listener.onEnd(lost)
    expect(listener.events).toEqual([{ type: 'session' }])
  })

  it('rejects an open that waits, and every call that follows', async () => {
    const { connection } = supervise()
    const opening = connection.open()
    const closed = { code: 'ConnectionClosed', retryable: false }
    const rejected = expect(opening).rejects.toMatchObject(closed)
    await connection.close()
    await rejected
    await expect(connection.open()).rejects.toMatchObject(closed)
    await expect(connection.readTwin()).rejects.toMatchObject(closed)
    await expect(connection.updateReported({})).rejects.toMatchObject(closed)
  })

  it('works before opening', async () => {
    const { connection, links } = supervise()
    await connection.close()
    expect(links).toHaveLength(0)
  })
})

describe('starting over', () => {
  it('ends the session and begins another one over a new link', async () => {
    const { connection, clock, links, last, listener, opened } = supervise()
    await opened()
    const before = last()
    connection.startOver()
    expect(before.closed).toBe(true)
    await expect(connection.readTwin()).rejects.toMatchObject({ code: 'ConnectionLost' })
    connection.startOver() // there is none to end
    clock.advance(1_000)
    expect(links).toHaveLength(2)
    last().listener.onSession()
    expect(listener.events.map(({ type }) => type)).toEqual(['session', 'lost', 'session'])
    await expect(connection.readTwin()).resolves.toBe(twin)
  })

  it('does not take itself for another device of the same identity', async () => {
    const { connection, clock, last, listener, opened } = supervise()
    const conflicts: unknown[] = []
    Object.assign(listener, { onIdentityConflict: (conflict: unknown) => conflicts.push(conflict) })
    await opened()
    for (let time = 0; time < 20; time += 1) {
      connection.startOver()
      clock.advance(60_000)
      last().listener.onSession()
    }
    expect(conflicts).toEqual([])
    expect(listener.events.filter(({ type }) => type === 'session')).toHaveLength(21)
  })
})
