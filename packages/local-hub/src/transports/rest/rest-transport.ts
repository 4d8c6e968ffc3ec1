import type { Server } from 'node:https'
import Fastify from 'fastify'
import type { HubCore } from '../../hub-core/hub-core.ts'
import type { ServerCertificate } from '../../tls/server-certificate.ts'
import { type Endpoint, reachableEndpoint } from '../endpoint.ts'
import { FaultyLinks } from '../faulty-links.ts'
import { tlsOptions } from '../tls-options.ts'
import type { Transport } from '../transport.ts'
import { addBulkRoutes } from './bulk-routes.ts'
import { createClientErrorReplier } from './client-error-reply.ts'
import { addCloudToDeviceRoutes } from './cloud-to-device-routes.ts'
import { addConfigurationRoutes } from './configuration-routes.ts'
import { addDeviceEndpointRoutes } from './device-endpoint-routes.ts'
import { addDigitalTwinRoutes } from './digital-twin-routes.ts'
import { addErrorReplies, createErrorReplier } from './error-reply.ts'
import { defaultHttpLimits, type HttpLimits } from './http-limits.ts'
import { addIdentityRoutes } from './identity-routes.ts'
import { addImportExportRoutes } from './import-export-routes.ts'
import { addJobRoutes } from './job-routes.ts'
import { addJsonBodies } from './json-body.ts'
import { addMethodRoutes } from './method-routes.ts'
import { addModuleRoutes } from './module-routes.ts'
import { addOperationHooks } from './operation-hooks.ts'
import { addQueryRoutes } from './query-routes.ts'
import type { RestServer } from './rest-server.ts'
import { addStatisticsRoutes } from './statistics-routes.ts'
import { addTwinRoutes } from './twin-routes.ts'

/** A device id of 128 characters, each percent-encoded. */
const maxParameterLength = 3 * 128

/** The running REST API. Its server may carry other protocols besides. */
export interface RestTransport extends Transport {
  readonly server: Server
  readonly links: FaultyLinks
}

/**
 * Serves the service REST API over HTTPS. Query strings, and with them the api-version, are ignored where a route
 * does not ask for them (wire reference 2.1).
 *
 * @param listenOn port 0 stands for any free port.
 */
export async function startRestTransport(
  core: HubCore,
  certificate: ServerCertificate,
  listenOn: Endpoint,
  limits: HttpLimits = defaultHttpLimits,
): Promise<RestTransport> {
  const replyError = createErrorReplier(core)
  const server: RestServer = Fastify({
    https: {
      ...tlsOptions(certificate),
      handshakeTimeout: limits.handshakeTimeoutInMs,
      headersTimeout: limits.requestTimeoutInMs,
      connectionsCheckingInterval: limits.checkIntervalInMs,
      maxHeaderSize: limits.maxHeadInBytes,
    },
    requestTimeout: limits.requestTimeoutInMs,
    connectionTimeout: limits.silenceTimeoutInMs,
    bodyLimit: limits.maxBodyInBytes,
    clientErrorHandler: createClientErrorReplier(core),
    forceCloseConnections: true,
    frameworkErrors: replyError,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxParameterLength },
  })
  const links = new FaultyLinks(server.server, core.faults.bytes)
  server.server.maxHeadersCount = limits.maxHeaders
  addJsonBodies(server)
  addErrorReplies(server, core, replyError)
  addOperationHooks(server, core)
  addIdentityRoutes(server, core)
  addModuleRoutes(server, core)
  addBulkRoutes(server, core)
  addStatisticsRoutes(server, core)
  addTwinRoutes(server, core)
  addMethodRoutes(server, core)
  addDigitalTwinRoutes(server, core)
  addCloudToDeviceRoutes(server, core)
  addDeviceEndpointRoutes(server, core)
  addImportExportRoutes(server, core)
  addQueryRoutes(server, core)
  addConfigurationRoutes(server, core)
  addJobRoutes(server, core)
  await server.listen({ ...listenOn })
  return {
    server: server.server,
    links,
    endpoint: reachableEndpoint(server.server, listenOn.host),
    close: async () => {
      await Promise.all([server.close(), links.close()])
    },
  }
}
