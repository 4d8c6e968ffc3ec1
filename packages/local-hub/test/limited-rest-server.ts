import { randomBytes } from 'node:crypto'
import { HubCore } from '../src/hub-core/hub-core.ts'
import { systemClock } from '../src/system-clock.ts'
import { createAuthority } from '../src/tls/certificate-authority.ts'
import { issueServerCertificate } from '../src/tls/server-certificate.ts'
import { loopbackHost } from '../src/transports/endpoint.ts'
import { defaultHttpLimits, type HttpLimits } from '../src/transports/rest/http-limits.ts'
import { startRestTransport } from '../src/transports/rest/rest-transport.ts'
import { RawHttpClient } from './raw-http-client.ts'
import { inOneHour, signSas } from './sas.ts'

/** A REST server that loses patience early, and clients without manners for it. */
export interface LimitedRestServer extends AsyncDisposable {
  /** A service token for everything. */
  readonly token: string
  dial(): Promise<RawHttpClient>
}

export async function startLimitedRestServer(limits: Partial<HttpLimits> = {}): Promise<LimitedRestServer> {
  const core = new HubCore({ hostNames: [loopbackHost], clock: systemClock, random: randomBytes })
  const authority = await createAuthority(1)
  const certificate = await issueServerCertificate(authority, [loopbackHost])
  const listenOn = { host: loopbackHost, port: 0 }
  const rest = await startRestTransport(core, certificate, listenOn, { ...defaultHttpLimits, ...limits })
  const { primaryKey } = core.policies.get('iothubowner').keys
  return {
    token: signSas({ sr: loopbackHost, se: inOneHour(), key: primaryKey, skn: 'iothubowner' }),
    dial: () => RawHttpClient.dial(rest.endpoint, certificate.caCertificate),
    [Symbol.asyncDispose]: async () => {
      await rest.close()
      core.close()
    },
  }
}
