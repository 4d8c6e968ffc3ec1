import type { Server } from 'node:https'
import Fastify from 'fastify'
import type { HubCore } from '../../hub-core/hub-core.ts'
import type { ServerCertificate } from '../../tls/server-certificate.ts'
import { boundPort, loopbackHost } from '../endpoint.ts'
import { tlsOptions } from '../tls-options.ts'
import type { Transport } from '../transport.ts'
import { addErrorReplies, createErrorReplier } from './error-reply.ts'
import { addIdentityRoutes } from './identity-routes.ts'
import { addJsonBodies } from './json-body.ts'
import { addMethodRoutes } from './method-routes.ts'
import type { RestServer } from './rest-server.ts'
import { addStatisticsRoutes } from './statistics-routes.ts'
import { addTwinRoutes } from './twin-routes.ts'

const maxBodyInBytes = 1024 * 1024
/** A device id of 128 characters, each percent-encoded. */
const maxParameterLength = 3 * 128

/** The running REST API. Its server may carry other protocols besides. */
export interface RestTransport extends Transport {
  readonly server: Server
}

/**
 * Serves the service REST API over HTTPS on 127.0.0.1. Query strings, and with them the api-version, are ignored where a route
 * does not ask for them (wire reference 2.1).
 *
 * @param port 0 for any free port.
 */
export async function startRestTransport(
  core: HubCore,
  certificate: ServerCertificate,
  port: number,
): Promise<RestTransport> {
  const replyError = createErrorReplier(core)
  const server: RestServer = Fastify({
    https: tlsOptions(certificate),
    bodyLimit: maxBodyInBytes,
    forceCloseConnections: true,
    frameworkErrors: replyError,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxParameterLength },
  })
  addJsonBodies(server)
  addErrorReplies(server, core, replyError)
  addIdentityRoutes(server, core)
  addStatisticsRoutes(server, core)
  addTwinRoutes(server, core)
  addMethodRoutes(server, core)
  await server.listen({ host: loopbackHost, port })
  return {
    server: server.server,
    endpoint: { host: loopbackHost, port: boundPort(server.server) },
    close: async () => {
      await server.close()
    },
  }
}
