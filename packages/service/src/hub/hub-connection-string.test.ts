import { isIotHubDmError } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { parseHubConnectionString } from './hub-connection-string.ts'

const key = 'c2VjcmV0c2VjcmV0c2VjcmV0'

describe('parseHubConnectionString', () => {
  it('takes the members apart, whatever their order', () => {
    expect(
      parseHubConnectionString(
        `SharedAccessKey=${key}==;HostName=my-hub.azure-devices.net;SharedAccessKeyName=service\n`,
      ),
    ).toEqual({
      hostName: 'my-hub.azure-devices.net',
      sharedAccessKeyName: 'service',
      sharedAccessKey: `${key}==`,
    })
  })

  it.each([
    ['', 'HostName is missing'],
    [`SharedAccessKeyName=service;SharedAccessKey=${key}`, 'HostName is missing'],
    [`HostName=;SharedAccessKeyName=service;SharedAccessKey=${key}`, 'HostName is missing'],
    [`HostName=hub;SharedAccessKey=${key}`, 'SharedAccessKeyName is missing'],
    ['HostName=hub;SharedAccessKeyName=service', 'SharedAccessKey is missing'],
    [`HostName=hub;SharedAccessKeyName=service;SharedAccessKey=${key}!`, 'must be Base64'],
    [`HostName=hub:8443;SharedAccessKeyName=service;SharedAccessKey=${key}`, 'endpoint'],
    [`HostName=hub;DeviceId=cam-1;SharedAccessKey=${key}`, 'of a device'],
  ])('refuses %j without showing the key', (connectionString, reason) => {
    let caught: unknown
    try {
      parseHubConnectionString(connectionString)
    } catch (error) {
      caught = error
    }
    expect(isIotHubDmError(caught, 'InvalidConnectionString') && caught.message).toContain(reason)
    expect(String(caught)).not.toContain(key)
  })
})
