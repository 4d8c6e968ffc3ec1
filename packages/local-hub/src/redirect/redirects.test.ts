import { describe, expect, it } from 'vitest'
import { redirectArguments } from './redirect-arguments.ts'
import { parseRedirects } from './redirects.ts'

const redirects = parseRedirects('hub.azure-devices.net:443=127.0.0.1:8443, hub.azure-devices.net:8883=[::1]:18883')
const https = { host: '127.0.0.1', port: 8443, servername: 'hub.azure-devices.net' }

const callback = (): void => {}

describe('the redirect', () => {
  it('leads the hub elsewhere, in whatever form it is asked for, and keeps its name', () => {
    expect(redirectArguments([{ host: 'Hub.azure-devices.net', port: 443, ca: 'x', path: null }], redirects)).toEqual([
      { ...https, servername: 'Hub.azure-devices.net', ca: 'x', path: undefined },
    ])
    expect(redirectArguments(['443', 'hub.azure-devices.net', { ca: 'x' }, callback], redirects)).toEqual([
      { ...https, ca: 'x', path: undefined },
      callback,
    ])
    expect(redirectArguments([8883, { host: 'hub.azure-devices.net', servername: 's' }], redirects)).toEqual([
      { host: '::1', port: 18883, servername: 's', path: undefined },
    ])
  })

  it.each([
    [{ host: 'other.azure-devices.net', port: 443 }],
    [{ host: 'hub.azure-devices.net', port: 5671 }],
    [{ path: '/var/run/socket' }],
    ['/var/run/socket', { ca: 'x' }],
    [443, { ca: 'x' }],
  ])('leaves %o alone', (...args) => {
    expect(redirectArguments(args, redirects)).toBe(args)
  })

  it.each(['x', 'a:1=b', 'a=b:2', 'a:1=b:2=c:3', 'a:b=c:d'])("is not made from '%s'", text => {
    expect(() => parseRedirects(text)).toThrow(/IOTHUB_REDIRECT: expected 'host:port=host:port'/)
  })

  it('is empty without the variable', () => {
    expect(parseRedirects('').size).toBe(0)
  })
})
