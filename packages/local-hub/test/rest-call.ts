import { request } from 'node:https'
import type { JsonObject, JsonValue } from '../src/hub-core/json/json.ts'
import type { LocalHub, PolicyName } from '../src/index.ts'
import { inOneHour, parseConnectionString, signSas } from './sas.ts'

/** A raw REST call. */
export interface RestCall {
  readonly method: string
  readonly path: string
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: JsonValue
  readonly headers?: Readonly<Record<string, string>>
  /** Default: iothubowner. */
  readonly policy?: PolicyName
  /** Sent instead of a token of the policy. */
  readonly authorization?: string
}

/** The answer to a {@link RestCall}. */
export interface RestAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body as a JSON object, or an empty one. */
  readonly body: JsonObject
}

/** Calls the hub over HTTPS without any client library in between. */
export function callRest(hub: LocalHub, call: RestCall): Promise<RestAnswer> {
  const { method, path, body, headers = {}, policy = 'iothubowner' } = call
  const authorization = call.authorization ?? serviceToken(hub, policy)
  const agent = hub.httpsAgent()
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, method, path, headers: { authorization, ...headers } }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        agent.destroy()
        const text = Buffer.concat(chunks).toString()
        const isJson = String(response.headers['content-type']).includes('application/json')
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: isJson && text !== '' ? JSON.parse(text) : {},
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
  })
}

/** A service token of a policy, good for an hour. */
export function serviceToken(hub: LocalHub, policy: PolicyName): string {
  const { SharedAccessKey: key = '' } = parseConnectionString(hub.connectionString(policy))
  return signSas({ sr: hub.hostName, se: inOneHour(), key, skn: policy })
}
