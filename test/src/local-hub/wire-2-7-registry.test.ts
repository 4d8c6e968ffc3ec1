import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import azureService, { type Device, type Registry } from 'azure-iothub'
import { describe, expect, it } from 'vitest'
import { registryOf } from './azure-clients.ts'

async function hubWithDevice(): Promise<{ hub: LocalHub; registry: Registry } & AsyncDisposable> {
  const hub = await startLocalHub()
  await hub.createDevice('d1')
  return { hub, registry: registryOf(hub), [Symbol.asyncDispose]: () => hub.close() }
}

const idsOf = (devices: readonly Device[]): readonly string[] => devices.map(device => device.deviceId)

describe('the official registry client and many devices', () => {
  it('adds, updates and removes them', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    const devices = ['b1', 'b2', 'b3'].map(deviceId => ({ deviceId, status: 'enabled' }))
    const { responseBody: added } = await registry.addDevices(devices)
    expect(added).toEqual({ isSuccessful: true, errors: [], warnings: [] })
    expect(idsOf((await registry.list()).responseBody)).toEqual(['b1', 'b2', 'b3'])
    await registry.updateDevices([{ deviceId: 'b1', status: 'disabled' }], true)
    expect((await registry.get('b1')).responseBody.status).toBe('disabled')
    const { etag } = (await registry.get('b2')).responseBody
    await registry.updateDevices([{ deviceId: 'b2', status: 'disabled', etag }], false)
    await expect(registry.updateDevices([{ deviceId: 'b2', status: 'enabled', etag }], false)).rejects.toMatchObject({
      name: 'ArgumentError',
      responseBody: expect.stringContaining('"errorCode":"PreconditionFailed"'),
    })
    await registry.removeDevices([{ deviceId: 'b1' }, { deviceId: 'b2' }], true)
    const { etag: last } = (await registry.get('b3')).responseBody
    await registry.removeDevices([{ deviceId: 'b3', etag: last }], false)
    expect((await registry.list()).responseBody).toEqual([])
  })
})

describe('the official registry client and modules', () => {
  it('adds, reads, lists, updates and removes them', async () => {
    await using context = await hubWithDevice()
    const { registry } = context
    const { responseBody: added } = await registry.addModule({ deviceId: 'd1', moduleId: 'm#1', managedBy: 'me' })
    expect(added).toMatchObject({ moduleId: 'm#1', managedBy: 'me', authentication: { type: 'sas' } })
    await registry.addModule({ deviceId: 'd1', moduleId: 'm2' })
    expect((await registry.getModule('d1', 'm#1')).responseBody.generationId).toBe(added.generationId)
    const { responseBody: modules } = await registry.getModulesOnDevice('d1')
    expect(modules.map(module => module.moduleId)).toEqual(['m#1', 'm2'])
    const { responseBody: updated } = await registry.updateModule({ ...added, managedBy: 'you' })
    expect(updated.managedBy).toBe('you')
    await expect(registry.updateModule({ ...added, managedBy: 'they' })).rejects.toMatchObject({
      name: 'InvalidEtagError',
    })
    await registry.updateModule({ ...added, managedBy: 'they' }, true)
    await registry.removeModule('d1', 'm#1')
    const { responseBody: last } = await registry.getModule('d1', 'm2')
    // Its promise form does not take a module.
    await new Promise<void>((resolve, reject) => {
      registry.removeModule(last, error => (error ? reject(error) : resolve()))
    })
    expect((await registry.getModulesOnDevice('d1')).responseBody).toEqual([])
  })

  it('reads and writes their twins', async () => {
    await using context = await hubWithDevice()
    const { registry } = context
    await registry.addModule({ deviceId: 'd1', moduleId: 'm1' })
    const { responseBody: twin } = await registry.getModuleTwin('d1', 'm1')
    expect(twin).toMatchObject({ deviceId: 'd1', moduleId: 'm1', version: 2 })
    const patch = { tags: { site: 'oslo' }, properties: { desired: { interval: 5 } } }
    const { responseBody: patched } = await registry.updateModuleTwin('d1', 'm1', patch, twin.etag)
    expect(patched).toMatchObject({ tags: { site: 'oslo' }, properties: { desired: { interval: 5, $version: 2 } } })
    // The twin that the client returns can read and write itself.
    await twin.get()
    await twin.update({ tags: { site: null } })
    expect((await registry.getModuleTwin('d1', 'm1')).responseBody.tags).toEqual({})
    await expect(registry.getModuleTwin('d1', 'm2')).rejects.toMatchObject({
      message: 'Not found',
      responseBody: expect.stringContaining('404010'),
    })
    await expect(registry.getModuleTwin('d2', 'm1')).rejects.toMatchObject({ name: 'DeviceNotFoundError' })
  })

  it('finds those of the hub on an edge device', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    const { responseBody: parent } = await registry.create({ deviceId: 'e1', capabilities: { iotEdge: true } })
    const { responseBody: modules } = await registry.getModulesOnDevice('e1')
    expect(modules.map(module => module.moduleId)).toEqual(['$edgeAgent', '$edgeHub'])
    expect((await registry.getModuleTwin('e1', '$edgeHub')).responseBody.moduleId).toBe('$edgeHub')
    // The types of the client do not know scopes; the client carries them all the same.
    const deviceScope: unknown = Reflect.get(parent, 'deviceScope')
    const leaf = { deviceId: 'leaf', deviceScope }
    await registry.create(leaf)
    expect((await registry.get('leaf')).responseBody).toMatchObject(leaf)
  })
})

describe('the official registry client and what the hub does not do', () => {
  it('is refused clearly when it wants to import or export', async () => {
    await using context = await hubWithDevice()
    const { registry } = context
    const refused = { name: 'ArgumentError', message: expect.stringContaining('does not import or export') }
    const container = 'https://account.blob.core.windows.net/container?sas'
    await expect(registry.importDevicesFromBlob(container, container)).rejects.toMatchObject(refused)
    await expect(registry.importDevicesFromBlobByIdentity(container, container)).rejects.toMatchObject(refused)
    await expect(registry.exportDevicesToBlob(container, true)).rejects.toMatchObject(refused)
    await expect(registry.exportDevicesToBlobByIdentity(container, true)).rejects.toMatchObject(refused)
    expect((await registry.listJobs()).responseBody).toEqual([])
    await expect(registry.getJob('j1')).rejects.toMatchObject({ responseBody: expect.stringContaining('JobNotFound') })
    await expect(registry.cancelJob('j1')).rejects.toMatchObject({
      responseBody: expect.stringContaining('JobNotFound'),
    })
  })
})

describe('the official registry client with another proof than a connection string', () => {
  const credential = {
    getToken: async () => ({ token: 'eyJ0.e30.x', expiresOnTimestamp: Date.now() + 3_600_000 }),
  }

  it('is refused clearly with a token of Microsoft Entra', async () => {
    await using hub = await startLocalHub()
    const registry = hub.route(azureService.Registry.fromTokenCredential(hub.hostName, credential))
    await expect(registry.list()).rejects.toMatchObject({
      name: 'UnauthorizedError',
      message: expect.stringContaining('bearer tokens'),
    })
  })

  it('is let in with any such token where the hub was told so', async () => {
    await using hub = await startLocalHub({ acceptBearerTokens: true })
    const registry = hub.route(azureService.Registry.fromTokenCredential(hub.hostName, credential))
    expect((await registry.list()).responseBody).toEqual([])
  })

  it('is let in with a signature that was made elsewhere', async () => {
    await using hub = await startLocalHub()
    const [, key = ''] = /SharedAccessKey=(.*)/.exec(hub.connectionString('registryRead')) ?? []
    const inAnHour = Math.floor(Date.now() / 1000) + 3600
    const signature = azureService.SharedAccessSignature.create(hub.hostName, 'registryRead', key, inAnHour).toString()
    const registry = hub.route(azureService.Registry.fromSharedAccessSignature(signature))
    expect((await registry.list()).responseBody).toEqual([])
  })
})
