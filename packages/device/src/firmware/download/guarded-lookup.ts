import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { FirmwareError } from '../firmware-error.ts'

/** Finds the addresses of a host name: all of them. */
export type ResolveHost = (host: string) => Promise<readonly LookupAddress[]>

/** As the operating system resolves it. */
export const resolveHost: ResolveHost = host => lookup(host, { all: true })

/**
 * A lookup for sockets that hands out accepted addresses only. The socket connects to exactly what it is given here, so a name that
 * changes its address in between (DNS rebinding) gains nothing.
 */
export function guardedLookup(resolve: ResolveHost, accepts: (address: string) => boolean): LookupFunction {
  const resolveWithCallback = callbackify(resolve)
  return (host, options, callback) => {
    resolveWithCallback(host, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const accepted = addresses.filter(({ address, family }) => accepts(address) && isWanted(family, options.family))
      const [first] = accepted
      if (first === undefined) callback(refusedAddress(host), [])
      else if (options.all === true) callback(null, accepted)
      else callback(null, first.address, first.family)
    })
  }
}

function isWanted(family: number, wanted: LookupOptions['family']): boolean {
  return wanted === undefined || wanted === 0 || `IPv${family}` === `${wanted}`.replace(/^(?=[46])/, 'IPv')
}

/** The refusal of a host that is not on the public Internet. */
export function refusedAddress(host: string): FirmwareError<'UrlRefused'> {
  return new FirmwareError(
    'UrlRefused',
    `the host ${host} has no public address; a server in a private network must be named in privateHosts`,
  )
}
