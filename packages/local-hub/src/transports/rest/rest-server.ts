import type { Server } from 'node:https'
import type { FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression } from 'fastify'

/** The REST server, as groups of routes see it. */
export type RestServer = FastifyInstance<Server, RawRequestDefaultExpression<Server>, RawReplyDefaultExpression<Server>>
