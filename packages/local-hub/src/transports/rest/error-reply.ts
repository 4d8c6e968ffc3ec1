import type { FastifyReply, FastifyRequest } from 'fastify'
import { restErrorBody } from '../../hub-core/error/error-body.ts'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { requestPath } from './request-path.ts'
import type { RestServer } from './rest-server.ts'

/** Answers a request with an error. */
export type ErrorReplier = (cause: unknown, request: FastifyRequest, reply: FastifyReply) => void

/** Makes what answers errors with the bodies and headers of wire reference 2.4 and 2.6. */
export function createErrorReplier(core: HubCore): ErrorReplier {
  return (cause, _request, reply) => {
    const error = toHubError(cause)
    if (error.retryAfterInSeconds !== undefined) reply.header('retry-after', error.retryAfterInSeconds)
    void reply
      .code(error.status)
      .header('iothub-errorcode', error.code)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(restErrorBody(error, core.occurrence())))
  }
}

/** Gives every answer a request id, and every failure, an unknown route included, an answer. */
export function addErrorReplies(server: RestServer, core: HubCore, replyError: ErrorReplier): void {
  server.addHook('onRequest', (_request, reply, done) => {
    reply.header('x-ms-request-id', core.requestId())
    done()
  })
  server.setErrorHandler(replyError)
  server.setNotFoundHandler(async request => {
    throw new HubError('RouteNotFound', `The local hub does not serve ${request.method} ${requestPath(request.url)}`)
  })
}

/** What the HTTP library refuses by itself has a status of its own; everything else is a fault of the hub. */
function toHubError(cause: unknown): HubError {
  if (cause instanceof HubError) return cause
  const status = cause instanceof Error && 'statusCode' in cause ? cause.statusCode : undefined
  if (status === 413) return new HubError('MessageTooLarge', 'The request body is too large.')
  if (typeof status === 'number' && status < 500) return new HubError('ArgumentInvalid', 'The request is malformed.')
  return new HubError('ServerError', 'The local hub failed to carry out the request.')
}
