import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signSas } from '../../../test/sas.ts'
import { ManualClock } from '../clock/manual-clock.ts'
import { IdentityRegistry } from '../identity/identity-registry.ts'
import { parseIdentityRequest } from '../identity/identity-request.ts'
import { ModuleRegistry } from '../identity/module-registry.ts'
import { parseModuleRequest } from '../identity/module-request.ts'
import { generateKeyPair } from '../identity/symmetric-key.ts'
import { AccessControl } from './access-control.ts'
import { CertificateAuthorities } from './certificate-authorities.ts'
import { Policies, type PolicyName } from './policy.ts'

const hostName = 'hub.example'
const nowInSeconds = 1_000_000
const se = nowInSeconds + 60

const sr = (deviceId: string): string => encodeURIComponent(`${hostName}/devices/${deviceId}`)

function setUp() {
  const clock = new ManualClock(nowInSeconds * 1000)
  const policies = new Policies(randomBytes)
  const identities = new IdentityRegistry(clock, randomBytes)
  const modules = new ModuleRegistry(clock, randomBytes)
  const authorities = new CertificateAuthorities()
  const hostNames = [hostName, '127.0.0.1']
  const access = new AccessControl({ hostNames, clock, policies, identities, modules, authorities })
  const addDevice = (deviceId: string, body = {}): string => {
    const device = identities.create(deviceId, parseIdentityRequest(body, deviceId, randomBytes))
    return device.authentication.type === 'sas' ? device.authentication.symmetricKey.primaryKey : ''
  }
  const addModule = (deviceId: string, moduleId: string): string => {
    const settings = parseModuleRequest({}, { deviceId, moduleId }, randomBytes)
    const { authentication } = modules.create(deviceId, moduleId, settings)
    return authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : ''
  }
  const policyToken = (name: PolicyName, resource: string = hostName): string =>
    signSas({ sr: resource, se, key: policies.get(name).keys.primaryKey, skn: name })
  return { clock, policies, identities, access, addDevice, addModule, policyToken, modules }
}

describe('a service call', () => {
  const path = ['twins', 'd1']

  it('passes with a token of a policy that has the permission', () => {
    const { access, policyToken } = setUp()
    expect(access.decideService(policyToken('service'), path, 'ServiceConnect')).toEqual({
      granted: true,
      expiresAtInMs: se * 1000,
    })
  })

  it('passes with the secondary key, a port in the host, another case, and a resource that covers the path', () => {
    const { access, policies, policyToken } = setUp()
    const key = policies.get('service').keys.secondaryKey
    const secondary = signSas({ sr: 'HUB.example%3A8443', se, key, skn: 'service' })
    expect(access.decideService(secondary, path, 'ServiceConnect').granted).toBe(true)
    expect(access.decideService(policyToken('service', `${hostName}/twins`), path, 'ServiceConnect').granted).toBe(true)
  })

  it('is held against the keys of now, however often its token passed before', () => {
    const { access, clock, policies, policyToken } = setUp()
    const token = policyToken('service')
    const decide = (text: string) => access.decideService(text, path, 'ServiceConnect')
    expect([decide(token), decide(token)]).toEqual([1, 2].map(() => ({ granted: true, expiresAtInMs: se * 1000 })))
    const forged = token.replace(/sig=../, 'sig=AA')
    expect(decide(forged)).toEqual({ granted: false, reason: 'wrongSignature' })
    policies.restore('service', { ...generateKeyPair(randomBytes) })
    expect(decide(token)).toEqual({ granted: false, reason: 'wrongSignature' })
    clock.advance(60_000)
    expect(decide(policyToken('service'))).toEqual({ granted: false, reason: 'tokenExpired' })
  })

  it.each([
    ['registryRead', 'RegistryWrite'],
    ['registryReadWrite', 'ServiceConnect'],
    ['service', 'RegistryRead'],
    ['device', 'ServiceConnect'],
  ] as const)('with policy %s may not do what needs %s', (policy, permission) => {
    const { access, policyToken } = setUp()
    expect(access.decideService(policyToken(policy), path, permission)).toEqual({
      granted: false,
      reason: 'missingPermission',
    })
  })

  it.each([
    ['nothing', () => undefined, 'malformedToken'],
    ['another host', ({ policyToken }) => policyToken('service', 'other.example'), 'wrongHost'],
    ['another path', ({ policyToken }) => policyToken('service', `${hostName}/devices`), 'wrongScope'],
    ['half a segment', ({ policyToken }) => policyToken('service', `${hostName}/twin`), 'wrongScope'],
    ['an unknown policy', () => signSas({ sr: hostName, se, key: 'YWFh', skn: 'root' }), 'unknownPolicy'],
    [
      'no policy',
      ({ policies }) => signSas({ sr: hostName, se, key: policies.get('service').keys.primaryKey }),
      'unknownPolicy',
    ],
    ['a forged key', () => signSas({ sr: hostName, se, key: 'YWFh', skn: 'service' }), 'wrongSignature'],
    [
      'the key of another policy',
      ({ policies }) => signSas({ sr: hostName, se, key: policies.get('device').keys.primaryKey, skn: 'iothubowner' }),
      'wrongSignature',
    ],
  ] satisfies [string, (hub: ReturnType<typeof setUp>) => string | undefined, string][])(
    'with %s is refused',
    (_name, token, reason) => {
      const hub = setUp()
      expect(hub.access.decideService(token(hub), path, 'ServiceConnect')).toEqual({ granted: false, reason })
    },
  )

  it('is refused from the second in which the token expires', () => {
    const { access, clock, policyToken } = setUp()
    const token = policyToken('service')
    clock.advance(59_999)
    expect(access.decideService(token, path, 'ServiceConnect').granted).toBe(true)
    clock.advance(1)
    expect(access.decideService(token, path, 'ServiceConnect')).toEqual({ granted: false, reason: 'tokenExpired' })
  })
})

describe('a device', () => {
  it('connects with its own key, also when its id needs encoding', () => {
    const { access, addDevice } = setUp()
    const key = addDevice('d#1%')
    expect(access.decideClient({ deviceId: 'd#1%' }, signSas({ sr: sr('d#1%'), se, key })).granted).toBe(true)
  })

  it('connects with a policy that may connect devices, and with no other', () => {
    const { access, addDevice, policyToken } = setUp()
    addDevice('d1')
    expect(access.decideClient({ deviceId: 'd1' }, policyToken('device')).granted).toBe(true)
    expect(access.decideClient({ deviceId: 'd1' }, policyToken('device', sr('d1'))).granted).toBe(true)
    expect(access.decideClient({ deviceId: 'd1' }, policyToken('device', sr('d2')))).toMatchObject({
      reason: 'wrongScope',
    })
    expect(access.decideClient({ deviceId: 'd1' }, policyToken('service'))).toMatchObject({
      reason: 'missingPermission',
    })
  })

  it('does not connect with the key of another device, or its own key for a wider scope', () => {
    const { access, addDevice } = setUp()
    const key = addDevice('d1')
    addDevice('d2')
    expect(access.decideClient({ deviceId: 'd2' }, signSas({ sr: sr('d2'), se, key }))).toMatchObject({
      reason: 'wrongSignature',
    })
    expect(access.decideClient({ deviceId: 'd1' }, signSas({ sr: sr('d2'), se, key }))).toMatchObject({
      reason: 'wrongScope',
    })
    expect(access.decideClient({ deviceId: 'd1' }, signSas({ sr: hostName, se, key }))).toMatchObject({
      reason: 'wrongScope',
    })
    expect(access.decideClient({ deviceId: 'd1' }, signSas({ sr: 'other%2Fdevices%2Fd1', se, key }))).toMatchObject({
      reason: 'wrongHost',
    })
  })

  it('does not connect when unknown, disabled, of another kind, or without a token', () => {
    const { access, addDevice } = setUp()
    const key = addDevice('off', { status: 'disabled' })
    addDevice('x509', { authentication: { type: 'certificateAuthority' } })
    expect(access.decideClient({ deviceId: 'gone' }, signSas({ sr: sr('gone'), se, key }))).toMatchObject({
      reason: 'unknownDevice',
    })
    expect(access.decideClient({ deviceId: 'off' }, signSas({ sr: sr('off'), se, key }))).toMatchObject({
      reason: 'deviceDisabled',
    })
    expect(access.decideClient({ deviceId: 'x509' }, signSas({ sr: sr('x509'), se, key }))).toMatchObject({
      reason: 'wrongAuthenticationType',
    })
    expect(access.decideClient({ deviceId: 'off' }, undefined)).toMatchObject({ reason: 'malformedToken' })
  })
})

describe('a module', () => {
  const moduleSr = sr('d1/modules/m1').replaceAll('%2F', '%2f')

  it('connects with its own key or that of a policy that may connect devices', () => {
    const { access, addDevice, addModule, policyToken } = setUp()
    addDevice('d1')
    const key = addModule('d1', 'm1')
    expect(access.decideClient({ deviceId: 'd1', moduleId: 'm1' }, signSas({ sr: moduleSr, se, key })).granted).toBe(
      true,
    )
    expect(access.decideClient({ deviceId: 'd1', moduleId: 'm1' }, policyToken('device')).granted).toBe(true)
    expect(access.decideClient({ deviceId: 'd1', moduleId: 'm1' }, policyToken('device', sr('d1'))).granted).toBe(true)
  })

  it('does not connect as its device, with the key of its device, or for a wider scope', () => {
    const { access, addDevice, addModule } = setUp()
    const deviceKey = addDevice('d1')
    const key = addModule('d1', 'm1')
    expect(access.decideClient({ deviceId: 'd1' }, signSas({ sr: sr('d1'), se, key }))).toMatchObject({
      reason: 'wrongSignature',
    })
    expect(
      access.decideClient({ deviceId: 'd1', moduleId: 'm1' }, signSas({ sr: moduleSr, se, key: deviceKey })),
    ).toMatchObject({
      reason: 'wrongSignature',
    })
    expect(access.decideClient({ deviceId: 'd1', moduleId: 'm1' }, signSas({ sr: sr('d1'), se, key }))).toMatchObject({
      reason: 'wrongScope',
    })
  })

  it('does not connect when unknown, when its device is disabled, or as a system module', () => {
    const { access, addDevice, addModule, modules, policyToken } = setUp()
    addDevice('off', { status: 'disabled' })
    addDevice('d1')
    addModule('off', 'm1')
    modules.createSystemModules('d1')
    const device = policyToken('device')
    expect(access.decideClient({ deviceId: 'd2', moduleId: 'm1' }, device)).toMatchObject({ reason: 'unknownDevice' })
    expect(access.decideClient({ deviceId: 'd1', moduleId: 'm2' }, device)).toMatchObject({ reason: 'unknownModule' })
    expect(access.decideClient({ deviceId: 'off', moduleId: 'm1' }, device)).toMatchObject({ reason: 'deviceDisabled' })
    const token = signSas({ sr: sr('d1/modules/$edgeAgent'), se, key: '' })
    expect(access.decideClient({ deviceId: 'd1', moduleId: '$edgeAgent' }, token)).toMatchObject({
      reason: 'wrongAuthenticationType',
    })
    expect(access.decideClient({ deviceId: 'off', moduleId: 'm1' }, undefined)).toMatchObject({
      reason: 'malformedToken',
    })
  })
})
