import { startLocalHub } from '@iothub-dm/local-hub'
import { defineContract, reboot } from '@iothub-dm/protocol'
import azureService from 'azure-iothub'
import { describe, expect, it } from 'vitest'
import { FleetClient } from './fleet-client.ts'

const contract = defineContract({ actions: { reboot } })

describe('B28: a fleet is reached', () => {
  it('with tokens of Microsoft Entra ID, one for calls that come together', async () => {
    await using hub = await startLocalHub({ acceptBearerTokens: true })
    await hub.createDevice('cam-1')
    let asked = 0
    const credential = {
      getToken: async () => ({ token: `token-${++asked}`, expiresOnTimestamp: Date.now() + 3_600_000 }),
    }
    await using fleet = FleetClient.fromTokenCredential(hub.hostName, credential, contract, {
      endpoint: hub.httpsEndpoint,
      ca: hub.caCertificate,
    })
    const { actions } = fleet.getDeviceClient('cam-1')
    await Promise.all(Array.from({ length: 10 }, () => actions.reboot.latest()))
    expect(asked).toBe(1)
  })

  it('without a token not at all, and the call ends in its time', async () => {
    await using hub = await startLocalHub({ acceptBearerTokens: true })
    const options = { endpoint: hub.httpsEndpoint, ca: hub.caCertificate }
    const failing = { getToken: () => Promise.reject(new Error('not signed in')) }
    await using first = FleetClient.fromTokenCredential(hub.hostName, failing, contract, options)
    await expect(first.count()).rejects.toMatchObject({ code: 'CredentialsUnavailable', retryable: true })

    const silent = { getToken: () => new Promise<never>(() => {}) }
    await using second = FleetClient.fromTokenCredential(hub.hostName, silent, contract, options)
    await expect(second.count(undefined, { timeoutInMs: 20 })).rejects.toMatchObject({ code: 'HubTimeout' })
    await expect(second.count(undefined, { abortSignal: AbortSignal.timeout(20) })).rejects.toThrow('timeout')
  })

  it('with a shared access signature, until it expires', async () => {
    await using hub = await startLocalHub()
    const [, key = ''] = /SharedAccessKey=(.*)$/.exec(hub.connectionString('service')) ?? []
    const sign = (expiresInSeconds: number) =>
      azureService.SharedAccessSignature.create(
        hub.hostName,
        'service',
        key,
        Math.floor(Date.now() / 1_000) + expiresInSeconds,
      ).toString()
    const options = { endpoint: hub.httpsEndpoint, ca: hub.caCertificate }
    await using fleet = FleetClient.fromSharedAccessSignature(sign(60), contract, options)
    await expect(fleet.getDeviceClient('cam-9').actions.reboot.latest()).rejects.toMatchObject({
      code: 'DeviceNotFound',
    })
    await using late = FleetClient.fromSharedAccessSignature(sign(-3_600), contract, options)
    await expect(late.getDeviceClient('cam-9').actions.reboot.latest()).rejects.toMatchObject({ code: 'Unauthorized' })
  })
})
