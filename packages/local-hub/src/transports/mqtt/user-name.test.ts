import { describe, expect, it } from 'vitest'
import { parseUserName } from './user-name.ts'

const device = { hostName: 'h', deviceId: 'd1', moduleId: undefined, modelId: '' }

describe('parseUserName', () => {
  it.each([
    ['Node', 'h/d1/?api-version=2021-04-12&DeviceClientType=azure-iot-device%2F1.18.4%20(node%20v20)', device],
    [
      'Node with a model',
      'h/d1/?api-version=2021-04-12&model-id=dtmi:com:example:T;1&DeviceClientType=x',
      { ...device, modelId: 'dtmi:com:example:T;1' },
    ],
    [
      'Python with a model',
      'h/d1/?api-version=2020-09-30&DeviceClientType=x&model-id=dtmi%3Acom%3Aexample%3AT%3B1',
      { ...device, modelId: 'dtmi:com:example:T;1' },
    ],
    ['a module', 'h/d1/m1/?api-version=2021-04-12', { ...device, moduleId: 'm1' }],
    ['the older form', 'h/d1/api-version=2016-11-14', device],
    ['the older form of a module', 'h/d1/m1/api-version=2016-11-14', { ...device, moduleId: 'm1' }],
    ['no properties', 'h/d1', device],
    ['a host with port', 'h:8883/d1/?api-version=1', { ...device, hostName: 'h:8883' }],
    ['a slash in a property', 'h/d1/?api-version=1&DeviceClientType=a/b', device],
    ['a property twice', 'h/d1/?model-id=a&model-id=b', { ...device, modelId: 'a' }],
    ['bad encoding', 'h/d1/?model-id=%zz', { ...device, modelId: '%zz' }],
  ])('reads that of %s', (_client, userName, expected) => {
    expect(parseUserName(userName)).toEqual(expected)
  })

  it.each(['', 'h', 'h/', '/d1'])('does not read "%s"', userName => {
    expect(parseUserName(userName)).toBeUndefined()
  })
})
