import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { RecordingConnection } from '../../../test/recording-connection.ts'

const hour = 3_600_000

describe('sessions', () => {
  it('keep their subscriptions while the device is away', () => {
    const { core, connect } = coreFixture()
    core.sessions.disconnect(connect('desiredProperties', 'methods'), 'closedByClient')
    const connection = connect()
    core.twins.patch('d1', { properties: { desired: { a: 1 } } }, { kind: 'none' })
    expect(connection.desiredPatches).toEqual([{ a: 1, $version: 2 }])
    core.sessions.unsubscribe(connection, 'desiredProperties')
    core.twins.patch('d1', { properties: { desired: { a: 2 } } }, { kind: 'none' })
    expect(connection.desiredPatches).toHaveLength(1)
    expect(core.sessions.subscriptionsOf('d1')).toEqual(['methods'])
  })

  it('end with the connection when the device asks for a clean one, and forget what was', () => {
    const { core, clock, connect } = coreFixture()
    core.sessions.disconnect(connect('methods'), 'closedByClient')
    const clean = new RecordingConnection('d1')
    core.sessions.connect(clean, { cleanSession: true, modelId: '', expiresAtInMs: clock.now() + hour })
    expect(core.sessions.subscriptionsOf('d1')).toEqual([])
    core.sessions.subscribe(clean, 'desiredProperties')
    core.sessions.disconnect(clean, 'closedByClient')
    expect(core.sessions.subscriptionsOf('d1')).toEqual([])
  })

  it('are lost on demand', () => {
    const { core, connect } = coreFixture()
    const connection = connect('methods')
    core.sessions.loseSession('d1')
    expect(core.sessions.isSubscribed(connection, 'methods')).toBe(false)
  })
})

describe('connections', () => {
  it('are one per identity: the newer closes the older, whose late end changes nothing', () => {
    const { core, connect, events } = coreFixture()
    const older = connect()
    const newer = connect()
    expect(older.closeReasons).toEqual(['replaced'])
    core.sessions.disconnect(older, 'closedByClient')
    core.sessions.subscribe(older, 'methods')
    expect(core.identities.get('d1').connectionState).toBe('Connected')
    expect(core.sessions.subscriptionsOf('d1')).toEqual([])
    expect(events.map(event => event.type)).toEqual(['deviceConnected', 'deviceDisconnected', 'deviceConnected'])
    expect(newer.closeReasons).toEqual([])
  })

  it('end when their token does', () => {
    const { clock, connect, events } = coreFixture()
    const connection = connect()
    clock.advance(hour - 1)
    expect(connection.closeReasons).toEqual([])
    clock.advance(1)
    expect(connection.closeReasons).toEqual(['tokenExpired'])
    expect(events.at(-1)).toEqual({ type: 'deviceDisconnected', deviceId: 'd1', reason: 'tokenExpired' })
  })

  it('do not fear the token of a connection before', () => {
    const { core, clock, connect } = coreFixture()
    core.sessions.disconnect(connect(), 'closedByClient')
    clock.advance(hour / 2)
    const connection = connect()
    clock.advance(hour / 2)
    expect(connection.closeReasons).toEqual([])
  })

  it('end when the identity is disabled or deleted', () => {
    const { core, connect } = coreFixture()
    const disabled = connect()
    core.identities.put('d1', { status: 'disabled' }, { kind: 'any' })
    expect(disabled.closeReasons).toEqual(['identityDisabled'])
    const deleted = connect('methods')
    core.identities.delete('d1', { kind: 'any' })
    expect(deleted.closeReasons).toEqual(['identityDeleted'])
    core.identities.put('d1', {}, { kind: 'none' })
    expect(core.sessions.subscriptionsOf('d1')).toEqual([])
    expect(() => core.twins.report('d1', { a: 1 }, undefined)).not.toThrow()
    expect(core.twins.get('d1')).toMatchObject({
      connectionState: 'Disconnected',
      lastActivityTime: '0001-01-01T00:00:00Z',
    })
  })

  it('show in the identity and the twin, and leave their etags alone', () => {
    const { core, clock, connect } = coreFixture()
    const before = [core.identities.get('d1').etag, core.twins.get('d1').etag]
    clock.advance(1000)
    const connection = connect()
    clock.advance(1000)
    core.telemetry.receive('d1', { payload: Buffer.from('x'), systemProperties: {}, properties: {} })
    expect(core.identities.get('d1')).toMatchObject({
      connectionState: 'Connected',
      connectionStateUpdatedTime: '2026-01-01T00:00:01.0000000Z',
      lastActivityTime: '2026-01-01T00:00:02.0000000Z',
    })
    clock.advance(1000)
    core.sessions.disconnect(connection, 'closedByClient')
    expect(core.twins.get('d1')).toMatchObject({
      connectionState: 'Disconnected',
      lastActivityTime: '2026-01-01T00:00:03.0000000Z',
    })
    expect([core.identities.get('d1').etag, core.twins.get('d1').etag]).toEqual(before)
  })
})
