import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { canary, openDownloadBench } from '../../../test/firmware/download-bench.ts'
import { serverName } from '../../../test/firmware/hostile-server.ts'
import { answer, inTurn, serveImage } from '../../../test/firmware/image-scripts.ts'
import { matchesHost, redirectTarget } from './redirect-policy.ts'

describe('F14: redirects', () => {
  it.each([
    ['to http', 'http://images.test/image'],
    ['to loopback', 'https://127.0.0.1/image'],
    ['to loopback, in one number', 'https://2130706433/image'],
    ['to loopback, by IPv6', 'https://[::1]/image'],
    ['to the metadata service of a cloud', 'https://169.254.169.254/latest/meta-data'],
    ['to a private network', 'https://10.0.0.1/image'],
    ['to a file', 'file:///etc/passwd'],
    ['to data', 'data:application/octet-stream,abc'],
    ['to another host', 'https://elsewhere.test/image'],
    ['with a user name', 'https://user@images.test/image'],
    ['with a password', 'https://:password@images.test/image'],
    ['to nowhere', 'https://'],
  ])('are not followed %s', async (_, location) => {
    await using bench = await openDownloadBench(() => answer(302, { location }))
    await expect(bench.download()).rejects.toMatchObject({ code: 'UrlRefused', retryable: false })
    expect(bench.server.requests).toHaveLength(1)
    expect(await bench.folder()).toEqual({ 'image.partial': '' })
  })

  it.each(['https://127.0.0.1/image', 'https://169.254.169.254/', 'https://[::1]/', 'https://[fe80::1]/'])(
    'lead to no private address although the host is one to redirect to: %s',
    async location => {
      await using bench = await openDownloadBench(() => answer(302, { location }))
      const redirectHosts = [new URL(location).hostname.replaceAll(/[[\]]/g, '')]
      await expect(bench.download({}, { redirectHosts })).rejects.toMatchObject({
        code: 'UrlRefused',
        message: expect.stringContaining('privateHosts'),
      })
    },
  )

  it('are refused without a location', async () => {
    await using bench = await openDownloadBench(() => answer(302))
    await expect(bench.download()).rejects.toMatchObject({ code: 'UrlRefused' })
  })

  it('are followed on the same host, and to those that are allowed', async () => {
    await using bench = await openDownloadBench(
      image =>
        inTurn(
          answer(307, { location: '/second' }),
          exchange => {
            const location = `https://${exchange.request.headers.host?.replace(serverName, 'cdn.test')}/third`
            return answer(308, { location })(exchange)
          },
          serveImage(image),
        ),
      { certificate: authority => authority.issue([serverName, 'cdn.test']) },
    )
    await bench.download({}, { redirectHosts: ['*.test'], privateHosts: [serverName, 'cdn.test'] })
    expect(bench.server.requests.map(({ target }) => target)).toEqual([`/image?${canary}`, '/second', '/third'])
    expect((await bench.server.request(3)).headers.host).toMatch(/^cdn\.test/)
  })

  it('carry no credential, no query and no Referer', async () => {
    await using bench = await openDownloadBench(image =>
      inTurn(answer(302, { location: '/second' }), serveImage(image)),
    )
    await bench.download()
    const { target, headers } = await bench.server.request(2)
    expect(target).toBe('/second')
    expect(Object.keys(headers).toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent'])
    expect(JSON.stringify(headers)).not.toContain('TheSecretOfTheUrl')
  })

  it('are followed again for the rest of an image', async () => {
    await using bench = await openDownloadBench(image => {
      const serve = serveImage(image, { resetAfter: ({ request }) => (request.number === 2 ? 50_000 : undefined) })
      return exchange =>
        exchange.request.target.startsWith('/image') ? answer(302, { location: '/second' })(exchange) : serve(exchange)
    })
    await bench.download()
    expect(await bench.folder()).toEqual({ image: 'the image' })
    expect((await bench.server.request(4)).headers.range).toMatch(/^bytes=[1-9]/)
  })
})

describe('F14: URLs', () => {
  it.each([
    'http://images.test/image',
    'ftp://images.test/image',
    'file:///etc/passwd',
    'data:,abc',
    'https://user:password@images.test/image',
    '/image',
    '',
    `https://images.test/${'a'.repeat(4096)}`,
  ])('are refused before anything is sent: %s', async url => {
    await using bench = await openDownloadBench(() => answer(500))
    await expect(bench.download({ url })).rejects.toMatchObject({ code: 'UrlRefused' })
    expect(await bench.folder()).toEqual({})
  })

  it.each([
    '10.1.2.3',
    '127.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '[::1]',
    '[fd00::1]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
  ])('do not lead into a private network unless the host is named: %s', async host => {
    await using bench = await openDownloadBench(() => answer(500))
    await expect(bench.download({ url: `https://${host}/image` })).rejects.toMatchObject({ code: 'UrlRefused' })
  })

  it('do not lead there by the name of a host either, although its address was public a moment ago', async () => {
    await using bench = await openDownloadBench(image => serveImage(image, { resetAfter: () => 1000 }))
    const addresses = ['203.0.113.1', '127.0.0.1']
    const asked: string[] = []
    const resolveHost = (host: string) => {
      asked.push(host)
      return Promise.resolve([{ address: addresses[asked.length - 1] ?? '127.0.0.1', family: 4 }])
    }
    const failure = bench.download({}, { privateHosts: [], resolveHost, maxTries: 3 })
    await expect(failure).rejects.toMatchObject({ code: 'UrlRefused' })
    expect(bench.server.requests).toEqual([])
  })

  it('lead to no host all of whose addresses are private', async () => {
    await using bench = await openDownloadBench(() => answer(500))
    const failure = bench.download({}, { privateHosts: [], resolveHost: resolveToPrivate })
    await expect(failure).rejects.toMatchObject({ code: 'UrlRefused' })
  })
})

function resolveToPrivate(): Promise<readonly LookupAddress[]> {
  return Promise.resolve([
    { address: '::1', family: 6 },
    { address: '192.168.0.1', family: 4 },
  ])
}

describe('redirectTarget', () => {
  const origin = new URL('https://images.test/a?sig=x')
  const policy = { maxRedirects: 2, redirectHosts: ['*.cdn.test', 'mirror.test'] }

  it('follows up to the limit', () => {
    expect(redirectTarget(origin, origin, '../b', 1, policy).href).toBe('https://images.test/b')
    expect(() => redirectTarget(origin, origin, '../b', 2, policy)).toThrow('redirected more than 2 times')
  })

  it('goes to allowed hosts, and back', () => {
    const cdn = new URL('https://eu.cdn.test/x')
    expect(redirectTarget(origin, origin, cdn.href, 0, policy)).toEqual(cdn)
    expect(redirectTarget(origin, cdn, 'https://images.test/c', 0, policy).pathname).toBe('/c')
    expect(() => redirectTarget(origin, cdn, 'https://evil.test/', 0, policy)).toThrow('another host')
  })

  it('tells hosts apart', () => {
    expect(matchesHost('*.cdn.test', 'eu.cdn.test')).toBe(true)
    expect(matchesHost('*.CDN.test', 'eu.cdn.test')).toBe(true)
    expect(matchesHost('*.cdn.test', 'cdn.test')).toBe(false)
    expect(matchesHost('*.cdn.test', 'evilcdn.test')).toBe(false)
    expect(matchesHost('mirror.test', 'a.mirror.test')).toBe(false)
  })
})
