/** Where a TCP connection goes. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Connections that are led elsewhere. */
export type Redirects = ReadonlyMap<string, Address>

/**
 * Reads `host:port=host:port`, as many as there are, with commas between them.
 *
 * @throws TypeError when one has another form.
 *
 * @example
 * parseRedirects('my-hub.azure-devices.net:443=127.0.0.1:8443,my-hub.azure-devices.net:8883=127.0.0.1:8883')
 */
export function parseRedirects(text: string): Redirects {
  const parts = text.split(',').filter(part => part.trim() !== '')
  return new Map(parts.map(part => parseRedirect(part.trim())))
}

/** Where a connection to this address is to go instead; undefined when it may stay. */
export function redirectOf(redirects: Redirects, { host, port }: Address): Address | undefined {
  return redirects.get(addressKey(host, port))
}

function parseRedirect(text: string): [key: string, target: Address] {
  const match = /^([^=:\s]+):(\d{1,5})=(\[[0-9a-fA-F:]+\]|[^=:\s]+):(\d{1,5})$/.exec(text)
  const [, host, port, targetHost, targetPort] = match ?? []
  if (host === undefined || targetHost === undefined) {
    throw new TypeError(`IOTHUB_REDIRECT: expected 'host:port=host:port', got '${text}'`)
  }
  const target = { host: targetHost.replace(/^\[|\]$/g, ''), port: Number(targetPort) }
  return [addressKey(host, Number(port)), target]
}

function addressKey(host: string, port: number): string {
  return `${host.toLowerCase()}:${port}`
}
