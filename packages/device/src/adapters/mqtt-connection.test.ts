import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { hubEndpoint } from './mqtt-connection.ts'

describe('mqtt.js', () => {
  it('is the copy that the SDK works with', () => {
    const ours = createRequire(import.meta.url)
    const sdks = createRequire(ours.resolve('azure-iot-mqtt-base'))
    expect(realpathSync(ours.resolve('mqtt'))).toBe(realpathSync(sdks.resolve('mqtt')))
    expect(ours('mqtt/package.json')).toMatchObject({ version: '4.3.8' })
  })
})

describe('the endpoint of a hub', () => {
  it('is port 8883 of the host', () => {
    expect(hubEndpoint('mqtts://contoso.azure-devices.net', undefined, undefined)).toEqual({
      host: 'contoso.azure-devices.net',
      port: 8883,
      serverName: 'contoso.azure-devices.net',
      ca: undefined,
    })
  })

  it('is the port in the host name, where it has one', () => {
    expect(hubEndpoint('mqtts://127.0.0.1:18883', undefined, undefined)).toMatchObject({
      host: '127.0.0.1',
      port: 18883,
    })
  })

  it('can be elsewhere, under the same name', () => {
    expect(hubEndpoint('mqtts://contoso.azure-devices.net', { host: '127.0.0.1', port: 1 }, 'PEM')).toEqual({
      host: '127.0.0.1',
      port: 1,
      serverName: 'contoso.azure-devices.net',
      ca: 'PEM',
    })
  })
})
