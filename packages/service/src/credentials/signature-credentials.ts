import { IotHubDmError } from '@iothub-dm/protocol'
import type { HubCredentials } from './hub-credentials.ts'

const expected = "'SharedAccessSignature sr=...&sig=...&se=...&skn=...'"

/**
 * A shared access signature that somebody else has made, such as a service that keeps the keys. It ends when it expires: the hub
 * then refuses with `Unauthorized`.
 *
 * @throws IotHubDmError `InvalidConnectionString`, which never shows the signature
 */
export function signatureCredentials(signature: string): HubCredentials {
  const fields = typeof signature === 'string' ? /^SharedAccessSignature (\S+)$/.exec(signature.trim())?.[1] : undefined
  if (fields === undefined) throw invalid('is none')
  const members = new URLSearchParams(fields)
  for (const name of ['sr', 'sig', 'se', 'skn']) {
    if (!members.get(name)) throw invalid(`has no ${name}: one of a shared access policy is needed`)
  }
  const [hostName = ''] = (members.get('sr') ?? '').split('/')
  if (!/^[a-z0-9.-]+$/i.test(hostName)) throw invalid('is not for a hub: sr does not begin with a host name')
  return { hostName, authorization: () => signature.trim() }
}

function invalid(reason: string): IotHubDmError<'InvalidConnectionString'> {
  return new IotHubDmError(
    'InvalidConnectionString',
    `shared access signature: the text ${reason}; expected ${expected}`,
  )
}
