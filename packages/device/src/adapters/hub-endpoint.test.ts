import { describe, expect, it } from 'vitest'
import { hubEndpoint, timeEndpoint } from './hub-endpoint.ts'

const uri = 'mqtts://contoso.azure-devices.net'

describe('the endpoint of a hub', () => {
  it.each([
    ['mqtt', 8883],
    ['mqtt-websocket', 443],
  ] as const)('is, for %s, port %i of the host', (transport, port) => {
    const name = 'contoso.azure-devices.net'
    expect(hubEndpoint(uri, transport, undefined)).toEqual({ transport, host: name, port, serverName: name })
  })

  it('is the port in the host name, where it has one', () => {
    expect(hubEndpoint('mqtts://127.0.0.1:18883', 'mqtt', undefined)).toMatchObject({ host: '127.0.0.1', port: 18883 })
  })

  it('can be elsewhere, under the same name', () => {
    expect(hubEndpoint(uri, 'mqtt', { host: '127.0.0.1', port: 1 })).toEqual({
      transport: 'mqtt',
      host: '127.0.0.1',
      port: 1,
      serverName: 'contoso.azure-devices.net',
    })
  })
})

describe('where a hub tells its time', () => {
  it('is port 443 of the host, or where WebSocket goes', () => {
    expect(timeEndpoint(uri, 'mqtt', undefined)).toMatchObject({ host: 'contoso.azure-devices.net', port: 443 })
    expect(timeEndpoint(uri, 'mqtt-websocket', { host: '127.0.0.1', port: 7 })).toMatchObject({ port: 7 })
  })

  it('is unknown where only the port of MQTT is known', () => {
    expect(timeEndpoint('mqtts://127.0.0.1:18883', 'mqtt', undefined)).toBeUndefined()
    expect(timeEndpoint(uri, 'mqtt', { host: '127.0.0.1', port: 7 })).toBeUndefined()
  })
})
