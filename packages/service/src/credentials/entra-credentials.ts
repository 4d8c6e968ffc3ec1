import { IotHubDmError } from '@iothub-dm/protocol'
import type { Clock } from '../clock/clock.ts'
import type { HubCredentials } from './hub-credentials.ts'
import type { TokenCredential } from './token-credential.ts'

/** The scope of IoT Hub (azure-iothub; IoT Hub access control with Microsoft Entra ID). */
const scope = 'https://iothubs.azure.net/.default'
/** A token is renewed so long before its end, so that none ends on its way. */
const renewalMarginInMs = 5 * 60_000

interface AccessToken {
  readonly token: string
  readonly expiresOnTimestamp: number
}

/**
 * Tokens of Microsoft Entra ID. Calls that need one at the same time share it: the credential is asked once.
 *
 * @throws TypeError when the host name or the credential is of no use
 */
export function entraCredentials(hostName: string, credential: TokenCredential, clock: Clock): HubCredentials {
  if (typeof hostName !== 'string' || !/^[a-z0-9.-]+$/i.test(hostName)) {
    throw new TypeError(
      `hostName: expected a bare host name such as my-hub.azure-devices.net, got ${JSON.stringify(hostName)}`,
    )
  }
  if (typeof credential?.getToken !== 'function') throw new TypeError('credential: expected one with a method getToken')
  let current: Promise<AccessToken> | undefined
  let expiresAtInMs = Number.NEGATIVE_INFINITY
  const renew = async (): Promise<AccessToken> => {
    try {
      const token = await credential.getToken(scope)
      if (token === null) throw new TypeError('the credential gave no token')
      expiresAtInMs = token.expiresOnTimestamp
      return token
    } catch (cause) {
      current = undefined
      throw new IotHubDmError('CredentialsUnavailable', `no token of Microsoft Entra ID for '${hostName}'`, {
        cause,
        retryable: true,
      })
    }
  }
  return {
    hostName,
    authorization: async () => {
      if (current === undefined || expiresAtInMs - clock.now() <= renewalMarginInMs) {
        expiresAtInMs = Number.POSITIVE_INFINITY
        current = renew()
      }
      return `Bearer ${(await current).token}`
    },
  }
}
