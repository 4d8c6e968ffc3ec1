import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startLimitedRestServer } from '../../../test/limited-rest-server.ts'
import { RawHttpClient, type RawHttpOutcome } from '../../../test/raw-http-client.ts'
import { startLocalHub } from '../../index.ts'

const impatient = { requestTimeoutInMs: 500, checkIntervalInMs: 50 }
const host = 'Host: 127.0.0.1'

function request(line: string, headers: readonly string[] = [], body = ''): string {
  return [line, host, ...headers, '', body].join('\r\n')
}

async function outcomeOf(...chunks: readonly string[]): Promise<RawHttpOutcome> {
  await using server = await startLimitedRestServer(impatient)
  await using client = await server.dial()
  for (const chunk of chunks) client.send(chunk)
  return await client.outcome()
}

describe('a request that could be read in two ways', () => {
  it.each([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 3']],
    ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked']],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 2']],
    ['an unknown transfer encoding', ['Transfer-Encoding: chunked, identity']],
    ['a length that is no number', ['Content-Length: 2x']],
    ['a negative length', ['Content-Length: -1']],
    ['a header name with a blank', ['Content-Length : 2']],
    ['a folded header', ['X-A: 1', ' Content-Length: 2']],
    ['a header without a colon', ['nonsense']],
    ['a header with a NUL', ['X-A: \0']],
  ])('because of %s is refused, and the connection closed', async (_name, headers) => {
    const { statuses, text } = await outcomeOf(request('PATCH /twins/d1 HTTP/1.1', headers, '{}'))
    expect(statuses).toEqual([400])
    expect(text).toContain('iothub-errorcode: GenericBadRequest')
    expect(text).toContain('{"Message":"ErrorCode:GenericBadRequest;Bad Request"')
  })

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['another version', 'GET / HTTP/9.9\r\n\r\n', 400],
    ['an unknown method', request('BREW /pot HTTP/1.1'), 400],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['AMQP', 'AMQP\0\x01\0\0\r\n\r\n', 400],
    ['no host', 'GET /devices HTTP/1.1\r\n\r\n', 400],
    ['a broken chunk', request('POST /devices HTTP/1.1', ['Transfer-Encoding: chunked'], 'zz\r\n'), 400],
  ])('such as %s is refused, and the connection closed', async (_name, bytes, status) => {
    expect((await outcomeOf(bytes)).statuses[0]).toBe(status)
  })
})

describe('too much', () => {
  it.each([
    ['a long URL', request(`GET /devices/${'x'.repeat(17_000)} HTTP/1.1`), 431],
    ['a long header', request('GET /devices HTTP/1.1', [`X-A: ${'x'.repeat(17_000)}`]), 431],
    [
      'many headers',
      request(
        'GET /devices HTTP/1.1',
        Array.from({ length: 3000 }, (_, index) => `h${index}: 1`),
      ),
      431,
    ],
  ])('such as %s is refused', async (_name, bytes, status) => {
    expect((await outcomeOf(bytes)).statuses).toEqual([status])
  })

  it.each([
    ['announced', ['Content-Length: 10485760']],
    ['in chunks', ['Transfer-Encoding: chunked']],
  ])('such as a body of 10 MB, %s, is refused before it is read', async (_name, headers) => {
    await using server = await startLimitedRestServer()
    await using client = await server.dial()
    client.send(request('PATCH /twins/d1 HTTP/1.1', [`Authorization: ${server.token}`, ...headers]))
    for (let part = 0; part < 10; part += 1) client.send(chunkOf('x'.repeat(1024 * 1024), headers))
    expect((await client.outcome()).statuses[0]).toBe(413)
  })
})

describe('a slow client', () => {
  it.each([
    ['says nothing', ''],
    ['stops in the request line', 'GET /dev'],
    ['stops in the headers', `GET /devices HTTP/1.1\r\n${host}\r\nX-A: 1`],
  ])('that %s is cut', async (_name, bytes) => {
    expect((await outcomeOf(bytes)).statuses).toEqual([408])
  })

  it.each([
    ['the body', 'Content-Length: 100', '{'],
    ['a chunk', 'Transfer-Encoding: chunked', 'ff\r\n{'],
  ])('that stops in %s is cut', async (_name, header, body) => {
    await using server = await startLimitedRestServer(impatient)
    await using client = await server.dial()
    // Only who is let in gets that far.
    client.send(request('PATCH /twins/d1 HTTP/1.1', [`Authorization: ${server.token}`, header], body))
    expect((await client.outcome()).statuses).toEqual([408])
  })

  it('that sends a header now and then is cut', async () => {
    await using server = await startLimitedRestServer(impatient)
    await using client = await server.dial()
    client.send(`GET /devices HTTP/1.1\r\n${host}\r\n`)
    const drip = setInterval(() => client.send('X-A: 1\r\n'), 20)
    expect((await client.outcome()).statuses).toEqual([408])
    clearInterval(drip)
  })

  it('that never begins with TLS is cut', async () => {
    await using server = await startLimitedRestServer({ handshakeTimeoutInMs: 100 })
    await using probe = await server.dial()
    const socket = connect(probe.endpoint)
    const closed = new Promise(resolve => socket.once('close', resolve))
    socket.on('error', () => {})
    await closed
  })
})

describe('pipelined requests', () => {
  it('are answered in order', async () => {
    await using server = await startLimitedRestServer()
    await using client = await server.dial()
    const headers = [`Authorization: ${server.token}`]
    const read = request('GET /statistics/devices HTTP/1.1', headers)
    const last = request('GET /nothing HTTP/1.1', [...headers, 'Connection: close'])
    client.send(read + request('GET /devices/d1 HTTP/1.1', headers) + read + last)
    expect((await client.outcome()).statuses).toEqual([200, 404, 200, 404])
  })

  it('are not answered beyond one that is malformed', async () => {
    const read = request('GET /devices HTTP/1.1')
    expect((await outcomeOf(`${read}nonsense\r\n\r\n${read}`)).statuses).toEqual([400])
  })
})

describe('the listener as it is started', () => {
  it('cuts a client that stops in the headers within ten seconds', async () => {
    await using hub = await startLocalHub()
    await using client = await RawHttpClient.dial(hub.httpsEndpoint, hub.caCertificate)
    const begin = performance.now()
    client.send(`GET /devices HTTP/1.1\r\n${host}\r\n`)
    expect((await client.outcome()).statuses).toEqual([408])
    expect(performance.now() - begin).toBeLessThan(10_000)
  })
})

function chunkOf(text: string, headers: readonly string[]): string {
  return headers.includes('Transfer-Encoding: chunked') ? `${text.length.toString(16)}\r\n${text}\r\n` : text
}
