import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import { TLSSocket } from 'node:tls'
import { urlToHttpOptions } from 'node:url'
import type { JsonValue } from '@iothub-dm/protocol'
import type { RestApiClient } from 'azure-iothub/dist/common-http/rest_api_client.js'
import type { HubErrorAnswer } from '../../hub/parse-hub-error.ts'

/** One REST call. */
export interface RestCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: JsonValue | undefined
  readonly timeoutInMs: number
  readonly abortSignal?: AbortSignal | undefined
}

/** What the hub answered to a call that it carried out. */
export interface RestAnswer {
  readonly kind: 'success'
  /** Undefined or empty text when there was none. */
  readonly body: JsonValue | undefined
  readonly headers: IncomingHttpHeaders
}

/**
 * How a REST call ended. `sent` tells whether the hub may have received the request: false when no secure connection
 * came about.
 */
export type RestOutcome =
  | RestAnswer
  | { readonly kind: 'refused'; readonly answer: HubErrorAnswer }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'untrusted'; readonly error: Error }
  | { readonly kind: 'lost'; readonly error: Error; readonly sent: boolean }
  | { readonly kind: 'timedOut'; readonly sent: boolean }

/**
 * Sends one request by Azure's REST client, exactly once, and rejects only with the reason of `abortSignal`.
 *
 * The REST client signs, writes and parses. The socket is ours, because the client's own time-out is never noticed, its
 * agents are unbounded, and it turns each chunk of an answer to text by itself, which breaks letters of several bytes.
 * None of its error objects is passed on: they hold the Authorization header.
 *
 * @param rest Azure's REST client
 * @param agent the connections to use
 * @param call what to send and how long to wait
 */
export async function exchange(rest: RestApiClient, agent: Agent, call: RestCall): Promise<RestOutcome> {
  const { method, path, timeoutInMs, abortSignal } = call
  abortSignal?.throwIfAborted()
  const body = call.body === undefined ? undefined : JSON.stringify(call.body)
  const contentType = body === undefined ? {} : { 'Content-Type': 'application/json; charset=utf-8' }
  const headers = { ...call.headers, ...contentType }

  return new Promise((resolve, reject) => {
    const cut = new AbortController()
    let clientRequest: ClientRequest | undefined

    const finish = (): void => {
      clearTimeout(timer)
      abortSignal?.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      finish()
      reject(abortSignal?.reason)
      cut.abort()
    }
    const onTimeout = (): void => {
      finish()
      resolve({ kind: 'timedOut', sent: isSent(clientRequest) })
      cut.abort()
    }
    const timer = setTimeout(onTimeout, timeoutInMs)
    abortSignal?.addEventListener('abort', onAbort, { once: true })

    const request = (target: RequestOptions | string, onResponse?: (response: IncomingMessage) => void) => {
      // Azure's client passes options; its type would allow a URL as well.
      const options = typeof target === 'string' ? urlToHttpOptions(new URL(target)) : target
      clientRequest = httpsRequest({ ...options, agent, signal: cut.signal }, response => {
        response.setEncoding('utf8')
        onResponse?.(response)
      })
      // Without it a small packet can wait for the acknowledgement of the one before.
      clientRequest.setNoDelay(true)
      return clientRequest
    }
    rest.executeApiCall(method, path, headers, body, undefined, { request }, (error, value, response) => {
      finish()
      resolve(
        error
          ? failureOf(error, response, clientRequest)
          : { kind: 'success', body: value, headers: response?.headers ?? {} },
      )
    })
  })
}

/** What Azure's REST client attaches to an error that stands for an answer of the hub. */
interface AnsweredError extends NodeJS.ErrnoException {
  readonly response?: IncomingMessage
  readonly responseBody?: string
}

function failureOf(
  error: AnsweredError,
  response: IncomingMessage | undefined,
  request: ClientRequest | undefined,
): RestOutcome {
  if (error.response) return { kind: 'refused', answer: errorAnswer(error.response, error.responseBody ?? '') }
  if (response) return { kind: 'unreadable', reason: 'the body is declared as JSON and is not' }
  if (error.code?.startsWith('HPE_')) return { kind: 'unreadable', reason: `it is not HTTP (${error.code})` }
  if (request?.socket instanceof TLSSocket && request.socket.authorizationError) return { kind: 'untrusted', error }
  return { kind: 'lost', error, sent: isSent(request) }
}

/** `authorized` turns true when the TLS handshake is done and the hub's certificate is trusted; only then a request leaves. */
function isSent(request: ClientRequest | undefined): boolean {
  return request?.socket instanceof TLSSocket && request.socket.authorized
}

function errorAnswer({ statusCode = 0, headers }: IncomingMessage, body: string): HubErrorAnswer {
  const errorCode = headers['iothub-errorcode']
  return {
    httpStatus: statusCode,
    errorCodeHeader: typeof errorCode === 'string' ? errorCode : undefined,
    retryAfterHeader: headers['retry-after'],
    body,
  }
}
