import { describe, expect, it } from 'vitest'
import { operationKindOf } from './operation-of-request.ts'

describe('a request counts', () => {
  it.each([
    ['GET', '/devices', 'identityOperation'],
    ['POST', '/devices', 'identityOperation'],
    ['PUT', '/devices/:deviceId', 'identityOperation'],
    ['GET', '/devices/:deviceId/modules', 'identityOperation'],
    ['GET', '/statistics/devices', 'identityOperation'],
    ['POST', '/devices/query', 'query'],
    ['GET', '/twins/:deviceId', 'twinRead'],
    ['PATCH', '/twins/:deviceId/modules/:moduleId', 'twinUpdate'],
    ['PUT', '/twins/:deviceId', 'twinUpdate'],
    ['POST', '/twins/:deviceId/methods', 'directMethod'],
    ['POST', '/twins/:deviceId/modules/:moduleId/methods', 'directMethod'],
    ['GET', '/digitaltwins/:deviceId', 'twinRead'],
    ['PATCH', '/digitaltwins/:deviceId', 'twinUpdate'],
    ['POST', '/digitaltwins/:deviceId/commands/:command', 'directMethod'],
    ['POST', '/digitaltwins/:deviceId/components/:component/commands/:command', 'directMethod'],
    ['GET', '/configurations', 'configurationOperation'],
    ['PUT', '/configurations/:id', 'configurationOperation'],
    ['POST', '/devices/:deviceId/applyConfigurationContent', 'configurationOperation'],
    ['PUT', '/jobs/v2/:jobId', 'jobOperation'],
    ['GET', '/jobs/v2/query', 'jobOperation'],
    ['POST', '/devices/:deviceId/messages/events', 'telemetry'],
    ['GET', '/devices/:deviceId/messages/deviceBound', 'cloudToDevice'],
    ['GET', '/nothing', undefined],
  ])('%s %s as %s', (method, route, kind) => {
    expect(operationKindOf(method, route)).toBe(kind)
  })
})
