import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { HubConnectionError } from '../connection/errors.ts'
import { TwinChannel } from './twin-channel.ts'

function channel() {
  const clock = new ManualClock()
  const sent: { topic: string; body: string; requestId: string }[] = []
  const twin = new TwinChannel((topic, body) => {
    sent.push({ topic, body, requestId: topic.slice(topic.indexOf('$rid=') + 5) })
  }, clock)
  const answer = (index: number, status: number, body = '', version?: number) =>
    twin.receive({
      requestId: sent[index]?.requestId ?? '',
      status,
      body: Buffer.from(body),
      ...(version === undefined ? {} : { version }),
    })
  return { clock, sent, twin, answer }
}

const document = '{"desired":{"a":[1],"$version":6},"reported":{"update":null,"$version":5}}'

describe('reading the twin', () => {
  it('asks with a request id of its own and takes the versions apart', async () => {
    const { sent, twin, answer } = channel()
    const read = twin.read(1_000)
    expect(sent).toMatchObject([
      { topic: expect.stringMatching(/^\$iothub\/twin\/GET\/\?\$rid=[0-9a-f-]{36}$/), body: ' ' },
    ])
    answer(0, 200, document)
    await expect(read).resolves.toEqual({
      desired: { a: [1] },
      desiredVersion: 6,
      reported: { update: null },
      reportedVersion: 5,
    })
  })

  it.each(['<html>', '', '[]', 'null', '{"desired":{}}', '{"desired":{"$version":1},"reported":{}}'])(
    'rejects a twin of the form %o',
    async body => {
      const { twin, answer } = channel()
      const read = twin.read(1_000)
      answer(0, 200, body)
      await expect(read).rejects.toMatchObject({ code: 'InvalidHubAnswer', retryable: true })
    },
  )

  it('rejects with the status of the hub', async () => {
    const { twin, answer } = channel()
    const read = twin.read(1_000)
    answer(0, 503, '<html>busy</html>')
    await expect(read).rejects.toMatchObject({ code: 'TwinReadRefused', status: 503, retryable: true })
  })
})

describe('updating the reported properties', () => {
  it('sends the patch as it is and returns the new version', async () => {
    const { sent, twin, answer } = channel()
    const update = twin.report({ gone: null, list: [1, null] }, 1_000)
    expect(sent).toMatchObject([
      {
        topic: expect.stringContaining('$iothub/twin/PATCH/properties/reported/'),
        body: '{"gone":null,"list":[1,null]}',
      },
    ])
    answer(0, 204, '', 17)
    await expect(update).resolves.toBe(17)
  })

  // The SDK takes each of these for a success (trap 23).
  it.each([
    [400, '{"errorCode":400004,"trackingId":"T~1","message":"bad key"}', 400_004, false],
    [413, '{"Message":"too large"}', undefined, false],
    [429, '', undefined, true],
    [500, '<html>', undefined, true],
  ])('rejects with status %i and body %o', async (status, body, hubCode, retryable) => {
    const { twin, answer } = channel()
    const update = twin.report({ a: 1 }, 1_000)
    answer(0, status, body)
    await expect(update).rejects.toMatchObject({ code: 'ReportRefused', status, hubCode, retryable })
  })

  it('tells what the hub said', async () => {
    const { twin, answer } = channel()
    const update = twin.report({ a: 1 }, 1_000)
    answer(0, 400, '{"errorCode":400004,"trackingId":"T~1","message":"bad key"}')
    await expect(update).rejects.toMatchObject({
      message: 'the hub refused the update of the reported properties: status 400, 400004, bad key',
      trackingId: 'T~1',
    })
  })

  it('rejects an answer without the version', async () => {
    const { twin, answer } = channel()
    const update = twin.report({ a: 1 }, 1_000)
    answer(0, 204)
    await expect(update).rejects.toMatchObject({ code: 'InvalidHubAnswer' })
  })
})

// The SDK waits for ever, also across a lost connection (trap 22).
describe('waiting for the hub', () => {
  it('ends at the deadline, and a late answer does no harm', async () => {
    const { clock, twin, answer } = channel()
    const read = twin.read(30_000)
    clock.advance(29_999)
    const late = expect(read).rejects.toMatchObject({ code: 'HubTimeout', retryable: true })
    clock.advance(1)
    await late
    answer(0, 200, document)
  })

  it('ends with the session', async () => {
    const { twin } = channel()
    const reason = new HubConnectionError('ConnectionLost', 'gone')
    const both = Promise.allSettled([twin.read(1_000), twin.report({}, 1_000)])
    twin.end(reason)
    await expect(both).resolves.toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
  })

  it('tells answers apart, whatever their order', async () => {
    const { twin, answer } = channel()
    const updates = [twin.report({ a: 1 }, 1_000), twin.report({ a: 2 }, 1_000), twin.report({ a: 3 }, 1_000)]
    answer(2, 204, '', 3)
    answer(0, 204, '', 1)
    answer(1, 204, '', 2)
    await expect(Promise.all(updates)).resolves.toEqual([1, 2, 3])
  })
})
