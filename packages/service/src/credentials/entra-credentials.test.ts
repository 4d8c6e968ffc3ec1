import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../test/virtual-clock.ts'
import { entraCredentials } from './entra-credentials.ts'

function credentialOf(clock: VirtualClock, validInMs = 3_600_000) {
  const asked: unknown[] = []
  return {
    asked,
    async getToken(scope: unknown) {
      asked.push(scope)
      return { token: `token-${asked.length}`, expiresOnTimestamp: clock.now() + validInMs }
    },
  }
}

describe('tokens of Microsoft Entra ID', () => {
  it('trap 52: are asked for once by calls that come together', async () => {
    const clock = new VirtualClock()
    const credential = credentialOf(clock)
    const { authorization } = entraCredentials('hub.azure-devices.net', credential, clock)
    const headers = await Promise.all(Array.from({ length: 10 }, async () => authorization()))
    expect(new Set(headers)).toEqual(new Set(['Bearer token-1']))
    expect(credential.asked).toEqual(['https://iothubs.azure.net/.default'])
  })

  it('are renewed five minutes before their end', async () => {
    const clock = new VirtualClock()
    const credential = credentialOf(clock)
    const { authorization } = entraCredentials('hub.azure-devices.net', credential, clock)
    await authorization()
    await clock.advance(55 * 60_000 - 1)
    expect(await authorization()).toBe('Bearer token-1')
    await clock.advance(1)
    const both = [authorization, authorization].map(async ask => ask())
    expect(await Promise.all(both)).toEqual(['Bearer token-2', 'Bearer token-2'])
  })

  it('that do not come are asked for again by the next call', async () => {
    const clock = new VirtualClock()
    const credential = credentialOf(clock)
    let failures = 1
    const { authorization } = entraCredentials(
      'hub.azure-devices.net',
      {
        getToken: async scope => {
          if (failures-- > 0) throw new Error('not signed in')
          return credential.getToken(scope)
        },
      },
      clock,
    )
    await expect(authorization()).rejects.toMatchObject({
      code: 'CredentialsUnavailable',
      retryable: true,
      cause: new Error('not signed in'),
    })
    expect(await authorization()).toBe('Bearer token-1')
  })

  it('need a host and a credential', () => {
    const clock = new VirtualClock()
    expect(() => entraCredentials('https://hub', credentialOf(clock), clock)).toThrow('hostName: expected a bare host')
    // @ts-expect-error - no credential
    expect(() => entraCredentials('hub', {}, clock)).toThrow('credential: expected one with a method getToken')
  })
})
