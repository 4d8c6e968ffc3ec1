import type { FastifyRequest } from 'fastify'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { isJsonObject } from '../../hub-core/json/json.ts'
import type { Operation } from '../../hub-core/throttle/operation.ts'
import { operationKindOf } from './operation-of-request.ts'
import { requestPath } from './request-path.ts'
import type { RestServer } from './rest-server.ts'

/** Where a request has the operation that it began. */
const begun = 'begunOperation'

/**
 * Leads every authorized request through the gate of the core, where it is counted, delayed or refused, and its answer back
 * through it. Tells of every request when it is answered. Must be added before the routes.
 */
export function addOperationHooks(server: RestServer, core: HubCore): void {
  server.decorateRequest(begun, undefined)

  server.addHook('preHandler', async request => {
    const operation = operationOf(request)
    if (operation === undefined) return
    await core.operations.begin(operation)
    request.setDecorator(begun, operation)
  })

  server.addHook('onSend', async (request, reply, payload) => {
    const operation = request.getDecorator<Operation | undefined>(begun)
    if (operation === undefined) return
    await core.operations.finish(operation, { status: reply.statusCode, responseSizeInBytes: sizeOf(payload) })
  })

  server.addHook('onResponse', (request, reply, done) => {
    const { method, url } = request
    const path = requestPath(url)
    core.events.emit({
      type: 'requestAnswered',
      method,
      path,
      status: reply.statusCode,
      durationInMs: reply.elapsedTime,
    })
    done()
  })
}

function operationOf(request: FastifyRequest): Operation | undefined {
  const kind = operationKindOf(request.method, request.routeOptions.url ?? '')
  if (kind === undefined) return undefined
  const { params, headers } = request
  const deviceId = isJsonObject(params) && typeof params.deviceId === 'string' ? params.deviceId : undefined
  return { kind, deviceId, requestSizeInBytes: Number(headers['content-length'] ?? 0) }
}

function sizeOf(payload: unknown): number {
  return typeof payload === 'string' || Buffer.isBuffer(payload) ? Buffer.byteLength(payload) : 0
}
