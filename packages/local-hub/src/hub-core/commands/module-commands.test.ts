import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { RecordingConnection } from '../../../test/recording-connection.ts'
import { moduleKey } from '../identity/identity-key.ts'

const none = { kind: 'none' } as const
const any = { kind: 'any' } as const
const key = moduleKey('d1', 'm1')

function withModule() {
  const fixture = coreFixture()
  fixture.core.modules.put('d1', 'm1', {}, none)
  const connect = (): RecordingConnection => {
    const connection = new RecordingConnection(key)
    const expiresAtInMs = fixture.clock.now() + 3_600_000
    fixture.core.sessions.connect(connection, { cleanSession: false, modelId: '', expiresAtInMs })
    return connection
  }
  return { ...fixture, connect }
}

describe('a module', () => {
  it('has keys, a twin and an etag of its own', () => {
    const { core } = withModule()
    const module = core.modules.get('d1', 'm1')
    expect(module).toMatchObject({ deviceId: 'd1', moduleId: 'm1', managedBy: null, authentication: { type: 'sas' } })
    expect(core.twins.get(key)).toMatchObject({
      deviceId: 'd1',
      moduleId: 'm1',
      deviceEtag: module.etag,
      status: 'enabled',
      version: 2,
      capabilities: { iotEdge: false },
    })
    core.twins.patch(key, { tags: { a: 1 } }, none)
    expect(core.twins.get(key)).toMatchObject({ tags: { a: 1 } })
    expect(core.twins.get('d1')).not.toHaveProperty('tags')
  })

  it('is named in the events', () => {
    const { core, events, connect } = withModule()
    connect()
    core.twins.report(key, { a: 1 }, undefined)
    core.modules.put('d1', 'm1', {}, any)
    core.modules.delete('d1', 'm1', any)
    expect(events.map(({ type }) => type)).toEqual([
      'moduleCreated',
      'deviceConnected',
      'reportedChanged',
      'moduleUpdated',
      'deviceDisconnected',
      'moduleDeleted',
    ])
    for (const event of events) expect(event).toMatchObject({ deviceId: 'd1', moduleId: 'm1' })
  })

  it('answers methods on its own connection', async () => {
    const { core, connect } = withModule()
    const connection = connect()
    core.sessions.subscribe(connection, 'methods')
    const answer = core.methods.invoke(key, { methodName: 'x' })
    core.methods.answer(connection, connection.methodRequests[0]?.requestId ?? '', 200, '1')
    expect(await answer).toEqual({ status: 200, payload: 1 })
    await expect(core.methods.invoke('d1', { methodName: 'x' })).rejects.toMatchObject({ code: 'DeviceNotOnline' })
    await expect(core.methods.invoke(moduleKey('d1', 'm2'), {})).rejects.toMatchObject({ code: 'ModuleNotFound' })
  })

  it('goes with its device', () => {
    const { core, connect } = withModule()
    const connection = connect()
    core.identities.delete('d1', any)
    expect(connection.closeReasons).toEqual(['identityDeleted'])
    expect(() => core.twins.get(key)).toThrow(expect.objectContaining({ code: 'DeviceNotFound' }))
    core.identities.put('d1', {}, none)
    expect(core.modules.listOf('d1')).toEqual([])
    expect(() => core.twins.get(key)).toThrow(expect.objectContaining({ code: 'ModuleNotFound' }))
  })

  it('is disconnected when its device is disabled', () => {
    const { core, connect } = withModule()
    const connection = connect()
    core.identities.put('d1', { status: 'disabled' }, any)
    expect(connection.closeReasons).toEqual(['identityDisabled'])
    expect(core.twins.get(key)).toMatchObject({ status: 'enabled', connectionState: 'Disconnected' })
  })

  it('is not created without its device, and takes authentication none as keys', () => {
    const { core } = withModule()
    expect(() => core.modules.put('d2', 'm1', {}, none)).toThrow(expect.objectContaining({ code: 'DeviceNotFound' }))
    expect(core.modules.put('d1', 'm2', { authentication: { type: 'none' } }, none)).toMatchObject({
      authentication: { type: 'sas', symmetricKey: { primaryKey: expect.stringMatching(/.{44}/) } },
    })
  })
})

describe('an edge device', () => {
  it('has its system modules with twins from the start, also when it becomes one later', () => {
    const { core } = coreFixture()
    const edge = { capabilities: { iotEdge: true } }
    expect(core.identities.put('e1', edge, none)).toMatchObject({
      ...edge,
      deviceScope: expect.stringMatching(/^ms-azure-iot-edge:\/\/e1-\d{18}$/),
      parentScopes: [],
    })
    core.identities.put('d1', edge, any)
    for (const deviceId of ['e1', 'd1']) {
      expect(core.modules.listOf(deviceId)).toMatchObject([{ moduleId: '$edgeAgent' }, { moduleId: '$edgeHub' }])
      expect(core.twins.get(moduleKey(deviceId, '$edgeHub'))).toMatchObject({ authenticationType: 'none' })
    }
    expect(core.twins.get('d1')).toMatchObject({ ...edge, deviceScope: 'ms-azure-iot-edge://d1-' })
  })
})
