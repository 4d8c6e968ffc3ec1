import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { json } from 'node:stream/consumers'
import type { LocalHub } from '@iothub-dm/local-hub'

const apiVersion = '2021-04-12'

/** The calls of a back end that the device's tests need. Test support. */
export interface BackEnd {
  /** Calls a direct method; resolves with the hub's answer. */
  readonly invoke: (deviceId: string, methodName: string, payload: unknown) => Promise<unknown>
  /** Changes desired properties. */
  readonly patchDesired: (deviceId: string, patch: object) => Promise<unknown>
}

/** A back end of the local hub, on plain HTTPS. */
export function backEndOf(hub: LocalHub): BackEnd {
  const send = async (method: string, path: string, body: object): Promise<unknown> => {
    const call = request({
      agent: hub.httpsAgent(),
      hostname: hub.hostName,
      method,
      path: `${path}?api-version=${apiVersion}`,
      headers: { authorization: sharedAccessSignature(hub), 'content-type': 'application/json' },
    })
    call.end(JSON.stringify(body))
    const [response]: IncomingMessage[] = await once(call, 'response')
    return response && json(response)
  }
  return {
    invoke: (deviceId, methodName, payload) =>
      send('POST', `/twins/${deviceId}/methods`, { methodName, payload, responseTimeoutInSeconds: 5 }),
    patchDesired: (deviceId, patch) => send('PATCH', `/twins/${deviceId}`, { properties: { desired: patch } }),
  }
}

/** A token for the service API, valid for a minute (wire reference 2.3). */
function sharedAccessSignature(hub: LocalHub): string {
  const fields = new URLSearchParams(hub.connectionString().replaceAll(';', '&').replaceAll('+', '%2B'))
  const resource = encodeURIComponent(hub.hostName)
  const expiry = Math.floor(Date.now() / 1_000) + 60
  const signature = createHmac('sha256', Buffer.from(fields.get('SharedAccessKey') ?? '', 'base64'))
    .update(`${resource}\n${expiry}`)
    .digest('base64')
  const policy = fields.get('SharedAccessKeyName')
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${policy}`
}
