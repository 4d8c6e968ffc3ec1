import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer } from '../../../test/rest-call.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

const paths = ['/devices/d1', '/devices/d1/modules/m1', '/twins/d1', '/twins/d1/modules/m1', '/digitaltwins/d1']

async function hubWithModule(): Promise<LocalHub> {
  const hub = await startLocalHub()
  await hub.createDevice('d1')
  await callRest(hub, { method: 'PUT', path: '/devices/d1/modules/m1', body: {} })
  return hub
}

function write(hub: LocalHub, path: string, condition: string): Promise<RestAnswer> {
  const headers = { 'If-Match': condition }
  if (path.startsWith('/devices')) return callRest(hub, { method: 'PUT', path, headers, body: {} })
  const body = path.startsWith('/digitaltwins') ? [{ op: 'add', path: '/a', value: 1 }] : { tags: { a: 1 } }
  return callRest(hub, { method: 'PATCH', path, headers, body })
}

describe.each(paths)('a write of %s', path => {
  it.each([
    ['a bare star', (): string => '*'],
    ['a quoted star', (): string => '"*"'],
    ['the quoted etag', (etag: string): string => etag],
    ['the bare etag', (etag: string): string => etag.slice(1, -1)],
  ])('passes with %s', async (_name, condition) => {
    await using hub = await hubWithModule()
    const { headers } = await callRest(hub, { method: 'GET', path })
    const answer = await write(hub, path, condition(String(headers.etag)))
    expect([200, 202]).toContain(answer.status)
    expect(answer.headers.etag).not.toBe(headers.etag)
  })

  it('fails with 412 when the etag is stale, and changes nothing', async () => {
    await using hub = await hubWithModule()
    const before = await callRest(hub, { method: 'GET', path })
    await write(hub, path, '*')
    const after = await callRest(hub, { method: 'GET', path })
    const answer = await write(hub, path, String(before.headers.etag))
    expect(answer).toMatchObject({ status: 412, headers: { 'iothub-errorcode': 'PreconditionFailed' } })
    expect((await callRest(hub, { method: 'GET', path })).text).toBe(after.text)
  })
})

describe('identities', () => {
  it.each(['/devices/d1', '/devices/d1/modules/m1'])('such as %s are only created without a condition', async path => {
    await using hub = await hubWithModule()
    const { body } = await callRest(hub, { method: 'GET', path })
    // The etag in the body is no condition.
    expect((await callRest(hub, { method: 'PUT', path, body })).status).toBe(409)
  })
})
