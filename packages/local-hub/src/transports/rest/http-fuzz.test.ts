import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { array, boolean, constantFrom, nat, oneof, option, record, sample, string, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LimitedRestServer, startLimitedRestServer } from '../../../test/limited-rest-server.ts'
import type { RawHttpOutcome } from '../../../test/raw-http-client.ts'

/** Fixed, so that a failure can be had again. */
const seed = 20_260_101
const limits = { requestTimeoutInMs: 400, checkIntervalInMs: 50, maxBodyInBytes: 4096 }

const methods = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', '']
const targets = [
  '/devices/d1',
  '/devices/%',
  '/devices/%00',
  '/devices/%ff%fe',
  '//',
  '/../..',
  '*',
  'http://x/devices',
  '?',
  '#',
  '/twins/d1/methods',
  '/devices/d1/modules/m1',
  '/digitaltwins/d1',
  '/devices/d1/messages/events',
  '/$iothub/websocket',
  '/devices/query',
  '/jobs/create',
  `/${'a/'.repeat(500)}`,
  `/devices/${'x'.repeat(500)}`,
  '/devices?top=-1',
  '/devices/keys/regenerate',
]
const headers = [
  'Host: 127.0.0.1',
  'Content-Length: 5',
  'Content-Length: 999999999999999999999',
  'Content-Length: +5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip',
  'Expect: 100-continue',
  'Expect: miracles',
  'Connection: upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Authorization: SharedAccessSignature sr=%&sig=%&se=9&skn=%',
  'Authorization: Bearer x',
  'If-Match: "',
  'Content-Type: a/b; charset=x',
  'Content-Encoding: br',
  'x-ms-max-item-count: 1e9',
  'x-ms-continuation: %%%',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: x',
  ': empty',
]
const bodies = [
  '',
  '{',
  '[]',
  '{"a":',
  '"',
  'null',
  '['.repeat(3000),
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  '{"__proto__":1}',
]

/** Something between a request and noise. */
const request = record({
  method: constantFrom(...methods),
  target: oneof(constantFrom(...targets), string({ maxLength: 40 })),
  version: constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'http/1.1', ''),
  headers: array(oneof({ weight: 4, arbitrary: constantFrom(...headers) }, string({ maxLength: 30 })), {
    maxLength: 8,
  }),
  authorized: boolean(),
  lineEnd: constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r'),
  body: oneof(constantFrom(...bodies), string({ maxLength: 200 })),
  cutAt: option(nat({ max: 400 }), { freq: 4, nil: undefined }),
}).map(({ cutAt, lineEnd, authorized, ...parts }) => (token: string): Buffer => {
  const lines = [`${parts.method} ${parts.target} ${parts.version}`, ...parts.headers]
  if (authorized) lines.push(`Authorization: ${token}`)
  const bytes = Buffer.from([...lines, '', parts.body].join(lineEnd), 'latin1')
  return bytes.subarray(0, cutAt)
})

const noise = uint8Array({ maxLength: 300 }).map(bytes => (): Buffer => Buffer.from(bytes))

async function tell(server: LimitedRestServer, bytes: Buffer): Promise<RawHttpOutcome> {
  await using client = await server.dial()
  client.send(bytes)
  return await client.outcome()
}

async function isAlive(server: LimitedRestServer): Promise<boolean> {
  const lines = ['GET /devices HTTP/1.1', 'Host: x', `Authorization: ${server.token}`, 'Connection: close', '', '']
  return (await tell(server, Buffer.from(lines.join('\r\n')))).statuses[0] === 200
}

describe('whatever comes over the connection', () => {
  it('is refused or answered, and the connection closed; the hub lives on', { timeout: 60_000 }, async () => {
    await using server = await startLimitedRestServer(limits)
    const attempts = sample(oneof({ weight: 9, arbitrary: request }, noise), { numRuns: 600, seed })
    for (const batch of batchesOf(attempts, 100)) {
      const outcomes = await Promise.all(batch.map(attempt => tell(server, attempt(server.token))))
      for (const [index, { statuses, text }] of outcomes.entries()) {
        const told = JSON.stringify(batch[index]?.('…').toString('latin1'))
        // Nothing that a client sends is a fault of the hub.
        expect({ told, failures: statuses.filter(status => status >= 500) }).toEqual({ told, failures: [] })
        expect(text, told).not.toMatch(/ at .*\.(ts|js):\d+/)
      }
      expect(await isAlive(server)).toBe(true)
    }
  })

  it('leaves no memory behind', { timeout: 60_000 }, async () => {
    await using server = await startLimitedRestServer(limits)
    const attempts = sample(request, { numRuns: 200, seed: seed + 1 })
    const round = async (): Promise<number> => {
      for (const batch of batchesOf(attempts, 100)) {
        await Promise.all(batch.map(attempt => tell(server, attempt(server.token))))
      }
      return heapInBytes()
    }
    await round()
    const before = await round()
    await round()
    expect((await round()) - before).toBeLessThan(4 * 1024 * 1024)
  })
})

function batchesOf<TItem>(items: readonly TItem[], size: number): readonly (readonly TItem[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

function heapInBytes(): number {
  setFlagsFromString('--expose-gc')
  const collectGarbage: unknown = runInNewContext('gc')
  if (typeof collectGarbage === 'function') collectGarbage()
  return process.memoryUsage().heapUsed
}
