import { describe, expect, it } from 'vitest'
import { callRest } from '../../../test/rest-call.ts'
import { type LocalHub, type PolicyName, startLocalHub } from '../../index.ts'

type Permission = 'RegistryRead' | 'RegistryWrite' | 'ServiceConnect'

const holders: Readonly<Record<Permission, readonly PolicyName[]>> = {
  RegistryRead: ['iothubowner', 'registryRead', 'registryReadWrite'],
  RegistryWrite: ['iothubowner', 'registryReadWrite'],
  ServiceConnect: ['iothubowner', 'service'],
}

const policies: readonly PolicyName[] = ['iothubowner', 'service', 'device', 'registryRead', 'registryReadWrite']

const routes: readonly [method: string, path: string, permission: Permission][] = [
  ['GET', '/devices', 'RegistryRead'],
  ['GET', '/devices/d1', 'RegistryRead'],
  ['GET', '/devices/d1/modules', 'RegistryRead'],
  ['GET', '/devices/d1/modules/m1', 'RegistryRead'],
  ['GET', '/statistics/devices', 'RegistryRead'],
  ['GET', '/statistics/service', 'RegistryRead'],
  ['PUT', '/devices/d1', 'RegistryWrite'],
  ['DELETE', '/devices/d1', 'RegistryWrite'],
  ['PUT', '/devices/d1/modules/m1', 'RegistryWrite'],
  ['DELETE', '/devices/d1/modules/m1', 'RegistryWrite'],
  ['POST', '/devices', 'RegistryWrite'],
  ['POST', '/devices/keys/regenerate', 'RegistryWrite'],
  ['POST', '/jobs/create', 'RegistryWrite'],
  ['GET', '/jobs', 'RegistryWrite'],
  ['GET', '/twins/d1', 'ServiceConnect'],
  ['PATCH', '/twins/d1', 'ServiceConnect'],
  ['PUT', '/twins/d1/modules/m1', 'ServiceConnect'],
  ['POST', '/twins/d1/methods', 'ServiceConnect'],
  ['POST', '/twins/d1/modules/m1/methods', 'ServiceConnect'],
  ['POST', '/devices/query', 'ServiceConnect'],
  ['GET', '/configurations', 'ServiceConnect'],
  ['GET', '/configurations/c1', 'ServiceConnect'],
  ['PUT', '/configurations/c1', 'ServiceConnect'],
  ['DELETE', '/configurations/c1', 'ServiceConnect'],
  ['POST', '/configurations/testQueries', 'ServiceConnect'],
  ['POST', '/devices/d1/applyConfigurationContent', 'ServiceConnect'],
  ['PUT', '/jobs/v2/j1', 'ServiceConnect'],
  ['GET', '/jobs/v2/j1', 'ServiceConnect'],
  ['POST', '/jobs/v2/j1/cancel', 'ServiceConnect'],
  ['GET', '/jobs/v2/query', 'ServiceConnect'],
  ['GET', '/digitaltwins/d1', 'ServiceConnect'],
  ['PATCH', '/digitaltwins/d1', 'ServiceConnect'],
  ['POST', '/digitaltwins/d1/commands/x', 'ServiceConnect'],
  ['POST', '/digitaltwins/d1/components/c/commands/x', 'ServiceConnect'],
  ['DELETE', '/devices/d1/commands', 'ServiceConnect'],
  ['GET', '/messages/serviceBound/feedback', 'ServiceConnect'],
  ['DELETE', '/messages/serviceBound/feedback/x', 'ServiceConnect'],
]

async function mayCall(hub: LocalHub, policy: PolicyName, method: string, path: string): Promise<boolean> {
  const { status, headers } = await callRest(hub, { method, path: `${path}?api-version=2021-04-12`, policy })
  expect(headers['iothub-errorcode']).not.toBe('RouteNotFound')
  return status !== 401
}

describe('a policy', () => {
  it('may call what its permissions say, and nothing else', async () => {
    await using hub = await startLocalHub()
    for (const [method, path, permission] of routes) {
      const granted = await Promise.all(policies.map(policy => mayCall(hub, policy, method, path)))
      const allowed = policies.filter((_policy, index) => granted[index])
      expect({ method, path, allowed }).toEqual({ method, path, allowed: holders[permission] })
    }
  })
})
