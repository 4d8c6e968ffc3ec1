import ipaddr from 'ipaddr.js'

/**
 * Tells whether an IP address is one of the public Internet. Loopback, link-local (where clouds keep their metadata service), private,
 * multicast, and every other range of special purpose is not.
 *
 * @param address IPv4 or IPv6
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  const range = parsed.range()
  if (range === 'unicast') return true
  // What a NAT64 gateway (RFC 6052) makes of an IPv4 address is as public as that is.
  if (range !== 'rfc6052') return false
  return isPublicAddress(parsed.toByteArray().slice(-4).join('.'))
}
