import type { TlsOptions } from 'node:tls'
import type { ServerCertificate } from '../tls/server-certificate.ts'

/**
 * The TLS settings of every listener. Version 1.2 stays allowed, because the Python client speaks nothing newer. A client
 * certificate is asked for but not required, and not verified here: the thumbprint of a self-signed one decides, or the
 * authorities that the hub was given (wire reference 1.5).
 */
export function tlsOptions({ key, certificate }: ServerCertificate): TlsOptions {
  return { key, cert: certificate, minVersion: 'TLSv1.2', noDelay: true, requestCert: true, rejectUnauthorized: false }
}
