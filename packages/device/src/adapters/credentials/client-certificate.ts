import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'

/** The certificate of a device, in PEM. */
export interface ClientCertificate {
  /** The device's certificate, followed by those of the authorities between it and the one that the hub knows. */
  readonly cert: string
  readonly key: string
  /** Of an encrypted key. */
  readonly passphrase?: string | undefined
}

/**
 * Checks a certificate, so that a mistake is told where it was made and not by a handshake that fails.
 *
 * @throws TypeError which never shows the key or the passphrase
 */
export function assertClientCertificate({ cert, key, passphrase }: ClientCertificate): void {
  const certificate = read(() => new X509Certificate(cert), 'clientCertificate.cert must be a certificate in PEM form')
  const privateKey: KeyObject = read(
    () => createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) }),
    'clientCertificate.key must be a private key in PEM form, and clientCertificate.passphrase its passphrase where it is encrypted',
  )
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new TypeError('clientCertificate.key must be the key of clientCertificate.cert')
  }
}

function read<TResult>(parse: () => TResult, expectation: string): TResult {
  try {
    return parse()
  } catch {
    throw new TypeError(expectation)
  }
}
