import { describe, expect, it } from 'vitest'
import { SimulatedHub } from '../../test/simulated-hub.ts'
import { VirtualClock } from '../../test/virtual-clock.ts'
import { HubError } from '../hub/hub-error.ts'
import { paged } from './paged.ts'
import { readPages } from './read-pages.ts'

function hubOfPages(...pages: readonly (readonly string[])[]) {
  const clock = new VirtualClock()
  const hub = new SimulatedHub(clock)
  hub.onQuery = (_, { continuation = '0' }) => {
    const index = Number(continuation)
    const rows = (pages[index] ?? []).map(deviceId => ({ deviceId }))
    return { rows, continuation: index + 1 < pages.length ? String(index + 1) : undefined }
  }
  const found = paged(options => readPages(hub, clock, 'SELECT * FROM devices', options))
  return { clock, hub, found }
}

async function collect<TRow>(rows: AsyncIterable<TRow>): Promise<readonly TRow[]> {
  const collected: TRow[] = []
  for await (const row of rows) collected.push(row)
  return collected
}

describe('a query', () => {
  it('trap 45: is read to its end, each page once', async () => {
    const { hub, found } = hubOfPages(['a', 'b'], [], ['c'])
    expect(await collect(found)).toEqual([{ deviceId: 'a' }, { deviceId: 'b' }, { deviceId: 'c' }])
    expect(hub.queries.map(({ options }) => options.continuation)).toEqual([undefined, '1', '2'])
  })

  it('is read by page, none of them empty', async () => {
    const { hub, found } = hubOfPages(['a', 'b'], [], ['c'])
    const pages = await collect(found.byPage({ pageSize: 2 }))
    expect(pages.map(page => page.length)).toEqual([2, 1])
    expect(hub.queries[0]?.options.pageSize).toBe(2)
  })

  it('is asked anew by every iteration, and no further than it is followed', async () => {
    const { hub, found } = hubOfPages(['a'], ['b'])
    for await (const _ of found) break
    expect(hub.queries).toHaveLength(1)
    expect(await collect(found)).toHaveLength(2)
    expect(hub.queries).toHaveLength(3)
  })

  it('goes on where it was after the hub was asked too often', async () => {
    const { clock, hub, found } = hubOfPages(['a'], ['b'])
    const answer = hub.onQuery
    let refusals = 2
    hub.onQuery = (text, options) => {
      if (options.continuation !== undefined && refusals-- > 0) {
        throw new HubError('Throttled', 'slower', { retryable: true, retryAfterInMs: 5_000 })
      }
      return answer(text, options)
    }
    const collected = collect(found)
    await clock.advance(20_000)
    expect(await collected).toHaveLength(2)
    expect(hub.queries.map(({ atInMs }) => atInMs)).toEqual([0, 0, 5_000, 10_000])
  })

  it('ends with any other failure', async () => {
    const { hub, found } = hubOfPages(['a'])
    hub.onQuery = () => {
      throw new HubError('InvalidHubRequest', 'no such query', {})
    }
    await expect(collect(found)).rejects.toMatchObject({ code: 'InvalidHubRequest' })
    expect(hub.queries).toHaveLength(1)
  })

  it('that is too long is not sent', async () => {
    const { clock, hub } = hubOfPages()
    await expect(collect(readPages(hub, clock, 'x'.repeat(8_193)))).rejects.toThrow('at most 8192 characters, got 8193')
    expect(hub.queries).toEqual([])
  })
})
