import { appendFile, chmod, mkdtemp, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { createCertificate } from '../../test/certificates.ts'
import { RawMqttClient } from '../../test/raw-mqtt-client.ts'
import { callRest } from '../../test/rest-call.ts'
import { type LocalHub, startLocalHub } from '../index.ts'

let data: string
const logPath = (): string => join(data, 'state.log')

beforeEach(async () => {
  data = join(await mkdtemp(join(tmpdir(), 'hub-data-')), 'hub')
})

function withoutGateway(connectionString: string): string {
  return connectionString.replace(/;GatewayHostName=.*/, '')
}

async function patchTags(hub: LocalHub, tags: Record<string, string | null>): Promise<void> {
  const { status } = await callRest(hub, { method: 'PATCH', path: '/twins/d1', body: { tags } })
  expect(status).toBe(200)
}

describe('a hub with a folder', () => {
  it('has everything again after a restart: identities, twins, keys, and the authority', async () => {
    const first = await startLocalHub({ data })
    const connectionStrings = [await first.createDevice('d1'), first.connectionString('service')]
    await callRest(first, { method: 'PUT', path: '/devices/d1/modules/m1', body: { deviceId: 'd1', moduleId: 'm1' } })
    await patchTags(first, { site: 'oslo' })
    const former = await callRest(first, { method: 'GET', path: '/twins/d1' })
    const formerModule = await callRest(first, { method: 'GET', path: '/devices/d1/modules/m1' })
    await first.createDevice('d2')
    await callRest(first, { method: 'DELETE', path: '/devices/d2', headers: { 'if-match': '*' } })
    await first.close()

    await using second = await startLocalHub({ data })
    expect(second.caCertificate).toBe(first.caCertificate)
    expect([second.deviceConnectionString('d1'), second.connectionString('service')].map(withoutGateway)).toEqual(
      connectionStrings.map(withoutGateway),
    )
    expect((await callRest(second, { method: 'GET', path: '/twins/d1' })).body).toEqual(former.body)
    expect((await callRest(second, { method: 'GET', path: '/devices/d1/modules/m1' })).body).toEqual(formerModule.body)
    expect((await callRest(second, { method: 'GET', path: '/devices/d2' })).status).toBe(404)
  })

  it('knows the authorities of its devices again', async () => {
    const issuer = await createCertificate({ commonName: 'Factory', isAuthority: true })
    const { cert, key } = await createCertificate({ commonName: 'd1', issuer })
    const first = await startLocalHub({ data })
    await first.addCertificateAuthority(issuer.cert)
    await first.createDevice('d1', { x509: 'certificateAuthority' })
    await first.close()
    await using second = await startLocalHub({ data })
    await using client = await RawMqttClient.dial(second, { cert, key })
    client.send({ cmd: 'connect', clientId: 'd1', username: `${second.hostName}/d1/`, keepalive: 60 })
    expect(await client.next('connack')).toMatchObject({ returnCode: 0 })
  })

  it('knows what clients are subscribed to: they do not tell it again', async () => {
    const first = await startLocalHub({ data })
    await first.createDevice('d1')
    await using client = await RawMqttClient.connect(first, 'd1')
    await client.subscribe('$iothub/twin/res/#')
    await client.subscribe('$iothub/methods/POST/#')
    await first.close()
    await using second = await startLocalHub({ data })
    await using again = await RawMqttClient.connect(second, 'd1')
    again.publish('$iothub/twin/GET/?$rid=1', ' ')
    expect(await again.next('publish')).toMatchObject({ topic: '$iothub/twin/res/200/?$rid=1' })
  })

  it('shows its keys to the owner only', async () => {
    const hub = await startLocalHub({ data })
    for (const name of ['state.log', 'ca-key.pem']) expect((await stat(join(data, name))).mode & 0o077).toBe(0)
    expect((await stat(data)).mode & 0o077).toBe(0)
    const key = join(data, 'ca-key.pem')
    await hub.close()
    await chmod(key, 0o644)
    await (await startLocalHub({ data })).close()
    expect((await stat(key)).mode & 0o077).toBe(0)
  })

  it('is alone in it', async () => {
    await using hub = await startLocalHub({ data })
    await expect(startLocalHub({ data })).rejects.toMatchObject({ code: 'FolderInUse' })
    await hub.createDevice('d1')
  })

  it.each([
    ['that is there no more', '4194305 1'],
    ['whose number this one has now', `${process.pid} 1`],
  ])('takes the folder over from a process %s', async (_name, owner) => {
    await (await startLocalHub({ data })).close()
    await writeFile(join(data, 'hub.lock'), owner)
    await using hub = await startLocalHub({ data })
    expect(await readFile(join(data, 'hub.lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} (?!1$)`))
    expect(hub.hostName).toBe('local-hub.azure-devices.net')
  })

  it('gives the folder up when it cannot start', async () => {
    await using hub = await startLocalHub()
    await expect(startLocalHub({ data, mqttPort: hub.mqttEndpoint.port })).rejects.toThrow(/EADDRINUSE/)
    await (await startLocalHub({ data })).close()
  })
})

describe('a state that is damaged', () => {
  beforeEach(async () => {
    await using hub = await startLocalHub({ data })
    await hub.createDevice('d1')
    await patchTags(hub, { site: 'oslo' })
  })

  it('at its end loses no more than the last write, wherever it was torn', async () => {
    const whole = await readFile(logPath())
    const lastLine = whole.subarray(whole.lastIndexOf('\n', whole.length - 2) + 1)
    for (let missing = 0; missing <= lastLine.length; missing += 40) {
      await writeFile(logPath(), whole)
      await truncate(logPath(), whole.length - missing)
      await using hub = await startLocalHub({ data })
      const { body } = await callRest(hub, { method: 'GET', path: '/twins/d1' })
      expect(body.deviceId).toBe('d1')
      expect(body.tags).toEqual(missing <= 1 ? { site: 'oslo' } : undefined)
    }
  })

  it('before its end is refused, and left alone', async () => {
    const whole = await readFile(logPath())
    const damaged = Buffer.from(whole)
    damaged.writeUInt8(0x20 ^ damaged.readUInt8(200), 200)
    await writeFile(logPath(), damaged)
    await expect(startLocalHub({ data })).rejects.toMatchObject({
      code: 'CorruptState',
      message: expect.stringMatching(/state\.log, line \d+/),
    })
    expect((await readFile(logPath())).equals(damaged)).toBe(true)
  })

  it('by another version is refused', async () => {
    await writeFile(logPath(), '')
    const { formatLine } = await import('./log-line.ts')
    await appendFile(logPath(), formatLine({ format: 'iothub-local', version: 2 }))
    await expect(startLocalHub({ data })).rejects.toMatchObject({ code: 'UnknownVersion' })
  })
})
