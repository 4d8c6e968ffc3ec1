import { describe, expect, it } from 'vitest'
import { createCertificate, type TestCertificate } from '../../../test/certificates.ts'
import { RawMqttClient } from '../../../test/raw-mqtt-client.ts'
import { inOneHour, parseConnectionString, signSas } from '../../../test/sas.ts'
import {
  type CertificateThumbprints,
  type LocalHub,
  ManualClock,
  type RefusalReason,
  startLocalHub,
} from '../../index.ts'

/** Connects with a certificate and without a password, and tells how the hub answered. */
async function present(hub: LocalHub, clientId: string, certificate?: TestCertificate, chain = ''): Promise<number> {
  const credentials = certificate === undefined ? {} : { cert: `${certificate.cert}\n${chain}`, key: certificate.key }
  await using client = await RawMqttClient.dial(hub, credentials)
  const username = `${hub.hostName}/${clientId}/?api-version=2021-04-12`
  client.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: false,
    clientId,
    keepalive: 60,
    username,
  })
  return (await client.next('connack')).returnCode ?? -1
}

async function expectRefusal(hub: LocalHub, reason: RefusalReason, attempt: () => Promise<number>): Promise<void> {
  const refused = hub.waitFor('accessRefused')
  expect(await attempt()).toBe(5)
  expect(await refused).toMatchObject({ reason })
}

async function authorities(): Promise<{ readonly root: TestCertificate; readonly intermediate: TestCertificate }> {
  const root = await createCertificate({ commonName: 'Root', isAuthority: true })
  const intermediate = await createCertificate({ commonName: 'Factory', isAuthority: true, issuer: root })
  return { root, intermediate }
}

describe('a device with a self-signed certificate (wire reference 1.5)', () => {
  const thumbprints: readonly [string, (own: TestCertificate, other: TestCertificate) => CertificateThumbprints][] = [
    ['SHA-1', own => ({ primaryThumbprint: own.sha1 })],
    ['SHA-256', own => ({ primaryThumbprint: own.sha256 })],
    ['lower-case', own => ({ primaryThumbprint: own.sha256.toLowerCase() })],
    ['secondary', (own, other) => ({ primaryThumbprint: other.sha1, secondaryThumbprint: own.sha1 })],
  ]

  it.each(thumbprints)('connects by its %s thumbprint', async (_name, thumbprintsOf) => {
    await using hub = await startLocalHub()
    const own = await createCertificate({ commonName: 'anything' })
    const other = await createCertificate({ commonName: 'anything' })
    await hub.createDevice('d1', { x509: thumbprintsOf(own, other) })
    expect(await present(hub, 'd1', own)).toBe(0)
  })

  it('connects when the certificate has expired: the thumbprint alone decides', async () => {
    await using hub = await startLocalHub()
    const own = await createCertificate({ commonName: 'd1', notAfter: new Date(Date.now() - 1000) })
    await hub.createDevice('d1', { x509: { primaryThumbprint: own.sha1 } })
    expect(await present(hub, 'd1', own)).toBe(0)
  })

  it('is refused with another certificate, with none, and with a token', async () => {
    await using hub = await startLocalHub()
    const own = await createCertificate({ commonName: 'd1' })
    const other = await createCertificate({ commonName: 'd1' })
    await hub.createDevice('d1', { x509: { primaryThumbprint: own.sha256 } })
    await expectRefusal(hub, 'wrongThumbprint', () => present(hub, 'd1', other))
    await expectRefusal(hub, 'malformedToken', () => present(hub, 'd1'))
    await expectRefusal(hub, 'wrongAuthenticationType', async () => {
      await using client = await RawMqttClient.dial(hub, { cert: own.cert, key: own.key })
      const password = signSas({ sr: encodeURIComponent(`${hub.hostName}/devices/d1`), se: inOneHour(), key: 'a2V5' })
      const username = `${hub.hostName}/d1/?api-version=2021-04-12`
      client.send({ cmd: 'connect', clientId: 'd1', username, password: Buffer.from(password), keepalive: 60 })
      return (await client.next('connack')).returnCode ?? -1
    })
  })

  it('is not known by a certificate of another device, nor let in when disabled', async () => {
    await using hub = await startLocalHub()
    const own = await createCertificate({ commonName: 'd1' })
    await hub.createDevice('d1', { x509: { primaryThumbprint: own.sha256 }, status: 'disabled' })
    await expectRefusal(hub, 'deviceDisabled', () => present(hub, 'd1', own))
    await expectRefusal(hub, 'unknownDevice', () => present(hub, 'd2', own))
  })
})

describe('a device with a certificate of an authority (wire reference 1.5)', () => {
  it('connects by a chain to a root that the hub was given', async () => {
    await using hub = await startLocalHub()
    const { root, intermediate } = await authorities()
    const direct = await createCertificate({ commonName: 'd1', issuer: root })
    const indirect = await createCertificate({ commonName: 'd1', issuer: intermediate })
    await hub.addCertificateAuthority(root.cert)
    await hub.createDevice('d1', { x509: 'certificateAuthority' })
    expect(await present(hub, 'd1', direct)).toBe(0)
    expect(await present(hub, 'd1', indirect, intermediate.cert)).toBe(0)
    await expectRefusal(hub, 'untrustedCertificate', () => present(hub, 'd1', indirect))
  })

  it('connects by an intermediate authority that the hub was given', async () => {
    await using hub = await startLocalHub()
    const { intermediate } = await authorities()
    const own = await createCertificate({ commonName: 'd1', issuer: intermediate })
    await hub.addCertificateAuthority(intermediate.cert)
    await hub.createDevice('d1', { x509: 'certificateAuthority' })
    expect(await present(hub, 'd1', own)).toBe(0)
  })

  it('connects as a module, by the names of both', async () => {
    await using hub = await startLocalHub()
    const { root } = await authorities()
    await hub.addCertificateAuthority(root.cert)
    await hub.createDevice('d1')
    await hub.createModule('d1', 'm1', { x509: 'certificateAuthority' })
    expect(await present(hub, 'd1/m1', await createCertificate({ commonName: 'd1/m1', issuer: root }))).toBe(0)
    const own = await createCertificate({ commonName: 'm1', issuer: root })
    await expectRefusal(hub, 'wrongCommonName', () => present(hub, 'd1/m1', own))
  })

  it.each(["a,b+c=d#1;(x)!*'$@_%?:.-", 'CN=x'])('whose id is %s is known by its name', async deviceId => {
    await using hub = await startLocalHub()
    const { root } = await authorities()
    await hub.addCertificateAuthority(root.cert)
    await hub.createDevice(deviceId, { x509: 'certificateAuthority' })
    expect(await present(hub, deviceId, await createCertificate({ commonName: deviceId, issuer: root }))).toBe(0)
  })

  it('is refused with the name of another, an unknown authority, a forged chain, and itself as authority', async () => {
    await using hub = await startLocalHub()
    const { root } = await authorities()
    await hub.addCertificateAuthority(root.cert)
    await hub.createDevice('d1', { x509: 'certificateAuthority' })
    const stranger = await createCertificate({ commonName: 'Root', isAuthority: true })
    const plain = await createCertificate({ commonName: 'd2', issuer: root })
    const cases: readonly [RefusalReason, TestCertificate, string?][] = [
      ['wrongCommonName', plain],
      ['untrustedCertificate', await createCertificate({ commonName: 'd1', issuer: stranger })],
      ['untrustedCertificate', await createCertificate({ commonName: 'd1', issuer: stranger }), stranger.cert],
      ['untrustedCertificate', await createCertificate({ commonName: 'd1' })],
      // Signed by a certificate of the authority that may not sign.
      ['untrustedCertificate', await createCertificate({ commonName: 'd1', issuer: plain }), plain.cert],
    ]
    for (const [reason, certificate, chain] of cases) {
      await expectRefusal(hub, reason, () => present(hub, 'd1', certificate, chain))
    }
  })

  it('is refused when its certificate has expired by the clock of the hub', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock })
    const { root } = await authorities()
    await hub.addCertificateAuthority(root.cert)
    await hub.createDevice('d1', { x509: 'certificateAuthority' })
    const own = await createCertificate({ commonName: 'd1', issuer: root, notAfter: new Date(Date.now() + 60_000) })
    expect(await present(hub, 'd1', own)).toBe(0)
    clock.advance(120_000)
    await expectRefusal(hub, 'untrustedCertificate', () => present(hub, 'd1', own))
  })
})

describe('certificates', () => {
  it('are refused from a device that has keys', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const own = await createCertificate({ commonName: 'd1' })
    await expectRefusal(hub, 'wrongAuthenticationType', () => present(hub, 'd1', own))
  })

  it('are asked for on WebSockets as well', async () => {
    await using hub = await startLocalHub()
    const own = await createCertificate({ commonName: 'd1' })
    await hub.createDevice('d1', { x509: { primaryThumbprint: own.sha1 } })
    await using client = await RawMqttClient.dialWebSocket(hub, { cert: own.cert, key: own.key })
    client.send({ cmd: 'connect', clientId: 'd1', username: `${hub.hostName}/d1`, keepalive: 60 })
    expect(await client.next('connack')).toMatchObject({ returnCode: 0 })
  })

  it('are named by connection strings that the official client heeds', async () => {
    await using hub = await startLocalHub()
    const { host, port } = hub.mqttEndpoint
    await hub.createDevice('d1', { x509: 'certificateAuthority' })
    expect(parseConnectionString(hub.deviceConnectionString('d1'))).toEqual({
      HostName: `${host}:${port}`,
      DeviceId: 'd1',
      x509: 'true',
    })
    expect(hub.deviceConnectionString('d1', { gateway: false })).toBe(`HostName=${hub.hostName};DeviceId=d1;x509=true`)
  })

  it.each([
    ['no certificate', async () => 'nonsense'],
    ['that of a device', async () => (await createCertificate({ commonName: 'd1' })).cert],
  ])('of authorities are taken, but not %s', async (_name, pem) => {
    await using hub = await startLocalHub()
    const text = await pem()
    await expect(hub.addCertificateAuthority(text)).rejects.toThrow(TypeError)
  })

  it('and keys exclude each other', async () => {
    await using hub = await startLocalHub()
    const symmetricKey = { primaryKey: 'a'.repeat(24), secondaryKey: 'b'.repeat(24) }
    await expect(hub.createDevice('d1', { symmetricKey, x509: 'certificateAuthority' })).rejects.toThrow(TypeError)
  })
})
