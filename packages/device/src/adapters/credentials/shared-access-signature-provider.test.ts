import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../test/virtual-clock.ts'
import type { DeviceCredentials } from './authentication-provider.ts'
import { parseSharedAccessSignature } from './shared-access-signature.ts'
import { type GetSharedAccessSignature, SharedAccessSignatureProvider } from './shared-access-signature-provider.ts'

const hourInMs = 3_600_000
const token = (expiresAtInMs: number): string => `SharedAccessSignature sr=a&sig=b&se=${expiresAtInMs / 1_000}`

function provider(getToken?: GetSharedAccessSignature, first?: string) {
  const clock = new VirtualClock()
  const made = new SharedAccessSignatureProvider({
    identity: { host: 'contoso.azure-devices.net', deviceId: 'cam 1', moduleId: 'lens' },
    first: parseSharedAccessSignature(first),
    getToken,
    marginInMs: 15 * 60_000,
    clock,
  })
  const renewed: (string | undefined)[] = []
  made.on('newTokenAvailable', (credentials: DeviceCredentials) => renewed.push(credentials.sharedAccessSignature))
  const credentials = (): Promise<DeviceCredentials | undefined> =>
    new Promise((resolve, reject) =>
      made.getDeviceCredentials((error, given) => (error ? reject(error) : resolve(given))),
    )
  const pass = async (durationInMs: number): Promise<void> => {
    clock.advance(durationInMs)
    await setImmediate()
  }
  return { clock, made, renewed, credentials, pass }
}

describe('tokens that the program gives', () => {
  it('are asked for with what has to be signed', async () => {
    const requests: unknown[] = []
    const { credentials } = provider(request => {
      requests.push(request)
      return token(hourInMs)
    })
    expect(await credentials()).toEqual({
      host: 'contoso.azure-devices.net',
      deviceId: 'cam 1',
      moduleId: 'lens',
      sharedAccessSignature: token(hourInMs),
    })
    expect(requests).toMatchObject([{ resourceUri: 'contoso.azure-devices.net%2Fdevices%2Fcam%201%2Fmodules%2Flens' }])
  })

  it('are replaced a quarter of an hour before their end, again and again', async () => {
    const { clock, credentials, renewed, pass } = provider(() => token(clock.now() + hourInMs))
    await credentials()
    await pass(45 * 60_000 - 1)
    expect(renewed).toEqual([])
    await pass(1)
    await pass(45 * 60_000)
    expect(renewed).toEqual([token(45 * 60_000 + hourInMs), token(90 * 60_000 + hourInMs)])
  })

  it('are replaced at half their life when they are short', async () => {
    const { clock, credentials, renewed, pass } = provider(() => token(clock.now() + 60_000))
    await credentials()
    await pass(30_000)
    expect(renewed).toHaveLength(1)
  })

  it('may be valid for longer than a timer can wait', async () => {
    const year = 365 * 24 * hourInMs
    const { credentials, renewed, pass } = provider(() => token(year), token(year / 2))
    await credentials()
    for (let day = 0; day < 183; day += 1) await pass(24 * hourInMs)
    expect(renewed).toEqual([token(year)])
  })

  it('are asked for again after a while when none came', async () => {
    let fails = true
    const { clock, credentials, renewed, pass } = provider(() => {
      if (fails) throw new Error('the security module is busy')
      return token(clock.now() + hourInMs)
    }, token(hourInMs))
    await credentials()
    await pass(45 * 60_000)
    await pass(10_000)
    expect(renewed).toEqual([])
    fails = false
    await pass(10_000)
    expect(renewed).toHaveLength(1)
  })

  it('leave no timer behind when the connection has ended, also not while one is asked for', async () => {
    let give: ((text: string) => void) | undefined
    const { clock, made, credentials, renewed } = provider(
      () =>
        new Promise(resolve => {
          give = resolve
        }),
    )
    const asking = credentials()
    made.stop()
    give?.(token(hourInMs))
    await asking
    expect(clock.pendingTimers).toBe(0)
    await credentials()
    expect(clock.pendingTimers).toBe(1)
    made.stop()
    expect(clock.pendingTimers).toBe(0)
    expect(renewed).toEqual([])
  })

  it('that are none fail the attempt', async () => {
    const { credentials } = provider(() => 'Bearer x')
    await expect(credentials()).rejects.toMatchObject({ code: 'CredentialsUnavailable' })
  })
})

it.each([
  '',
  'SharedAccessSignature sr=a&sig=b',
  'SharedAccessSignature sig=b&se=1',
  'SharedAccessSignature sr=a&sig=b&se=x',
  7,
])('%o is no token', text => {
  expect(parseSharedAccessSignature(text)).toBeUndefined()
})
