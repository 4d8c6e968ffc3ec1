import { stat, writeFile } from 'node:fs/promises'
import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { openDownloadBench } from '../../../test/firmware/download-bench.ts'
import { answer, head, inTurn, serveImage } from '../../../test/firmware/image-scripts.ts'
import { imageDownloader } from './image-downloader.ts'

describe('a download', () => {
  it('brings the image, and leaves nothing else', async () => {
    await using bench = await openDownloadBench(image => serveImage(image))
    const progress: (readonly [number, number | undefined])[] = []
    await bench.download({ onProgress: (bytes, total) => progress.push([bytes, total]) })
    expect(await bench.folder()).toEqual({ image: 'the image' })
    expect((await stat(bench.file)).mode & 0o777).toBe(0o600)
    expect(progress.at(0)).toEqual([0, bench.image.length])
    expect(progress.at(-1)).toEqual([bench.image.length, bench.image.length])
    expect(progress).toEqual(progress.toSorted(([left], [right]) => left - right))
  })

  it('asks for the bytes as they are, and says nothing of itself', async () => {
    await using bench = await openDownloadBench(image => serveImage(image))
    await bench.download()
    const { headers } = await bench.server.request(1)
    expect(Object.keys(headers).toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent'])
    expect(headers['accept-encoding']).toBe('identity')
  })

  it('takes an image whose size nobody said', async () => {
    await using bench = await openDownloadBench(image => serveImage(image))
    await bench.download({ size: undefined })
    await using chunked = await openDownloadBench(image => answer(200, {}, image))
    await chunked.download({ size: undefined })
    expect(await chunked.folder()).toEqual({ image: 'the image' })
  })

  it('asks nobody for an image that is there already', async () => {
    await using bench = await openDownloadBench(image => serveImage(image))
    await bench.download()
    await bench.download()
    expect(bench.server.requests).toHaveLength(1)
    await writeFile(bench.file, 'something else')
    await bench.download()
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('tries again when the server asks to, after the time that it asks for', async () => {
    const clock = new ManualClock(Date.parse('2030-01-01T00:00:00Z'))
    await using bench = await openDownloadBench(image =>
      inTurn(
        answer(503, { 'retry-after': 100 }),
        answer(429, { 'retry-after': 'Tue, 01 Jan 2030 00:05:00 GMT' }),
        answer(408),
        serveImage(image),
      ),
    )
    const delays: number[] = []
    const onWaiting = (delayInMs: number) => {
      delays.push(delayInMs)
      // the timer is set once this function has returned
      setImmediate(() => clock.advance(delayInMs))
    }
    await bench.download({ onWaiting }, { clock, random: () => 0.5, baseDelayInMs: 1_000 })
    expect(delays).toEqual([100_000, 200_000, 2_000])
  })

  it('gives up after its tries, and says of what', async () => {
    await using bench = await openDownloadBench(() => answer(500))
    const reasons: string[] = []
    const onWaiting = (_: number, reason: Error) => reasons.push(reason.message)
    const failure = bench.download({ onWaiting }, { maxTries: 3 })
    await expect(failure).rejects.toMatchObject({ code: 'DownloadFailed', retryable: true })
    expect(bench.server.requests).toHaveLength(3)
    expect(reasons).toEqual(Array(2).fill(`https://images.test:${bench.server.port} answered with status 500`))
  })

  it.each([400, 401, 403, 404, 410])('does not ask again after %i: a fresh URL may be needed', async status => {
    await using bench = await openDownloadBench(() => answer(status))
    await expect(bench.download()).rejects.toMatchObject({ code: 'DownloadRefused' })
    expect(bench.server.requests).toHaveLength(1)
  })

  it('goes on under a fresh URL with what the one before has brought', async () => {
    await using bench = await openDownloadBench(image =>
      inTurn(serveImage(image, { resetAfter: () => 60_000 }), answer(403), serveImage(image)),
    )
    await expect(bench.download()).rejects.toMatchObject({ code: 'DownloadRefused' })
    await bench.download({ url: bench.server.url('/image?sig=fresh') })
    const { headers, target } = await bench.server.request(3)
    expect(target).toBe('/image?sig=fresh')
    expect(headers.range).toMatch(/^bytes=[1-9]\d*-$/)
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('ends with the reason of its signal, at any time, and keeps what is there', async () => {
    const cancelled = new Error('cancelled')
    const controller = new AbortController()
    await using bench = await openDownloadBench(image =>
      inTurn(async exchange => {
        await exchange.write(head(200, { etag: '"v1"', 'content-length': image.length }))
        await exchange.write(image.subarray(0, 50_000))
      }, serveImage(image)),
    )
    const onProgress = (bytes: number) => {
      if (bytes === 50_000) controller.abort(cancelled)
    }
    await expect(bench.download({ abortSignal: controller.signal, onProgress })).rejects.toBe(cancelled)
    await expect(bench.download({ abortSignal: controller.signal })).rejects.toBe(cancelled)
    await bench.download()
    expect((await bench.server.request(2)).headers.range).toBe('bytes=50000-')
  })

  it('ends while it waits for an answer, or for the next try', async () => {
    const controller = new AbortController()
    await using silent = await openDownloadBench(() => () => {})
    const answered = silent.download({ abortSignal: controller.signal })
    await silent.server.request(1)
    controller.abort()
    await expect(answered).rejects.toMatchObject({ name: 'AbortError' })

    const next = new AbortController()
    await using failing = await openDownloadBench(() => answer(503, { 'retry-after': 1000 }))
    const tried = failing.download({ abortSignal: next.signal, onWaiting: () => next.abort() })
    await expect(tried).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('asks nobody for an image that the disk has no room for', async () => {
    await using bench = await openDownloadBench(image => serveImage(image))
    const size = 2 ** 50
    await expect(bench.download({ size, maxSizeInBytes: size })).rejects.toMatchObject({
      code: 'PersistenceFailed',
      causeCode: 'ENOSPC',
    })
    expect(bench.server.requests).toEqual([])
  })

  it('says which option is out of its range', () => {
    expect(() => imageDownloader({ maxTries: 0 })).toThrow(
      new RangeError('maxTries: expected a number from 1 to 1000, got 0'),
    )
    expect(() => imageDownloader({ stallTimeoutInMs: Number.NaN })).toThrow('stallTimeoutInMs: expected a number')
  })

  it('F23: tells nobody the query of a URL', async () => {
    await using bench = await openDownloadBench(() => answer(403))
    const outcomes = await Promise.allSettled([
      bench.download(),
      bench.download({ url: 'http://images.test/?sig=TheSecretOfTheUrl' }),
      bench.download({ url: 'nonsense?sig=TheSecretOfTheUrl' }),
      bench.download({ url: 'https://user:TheSecretOfTheUrl@images.test/' }),
      bench.download({ url: 'https://127.0.0.1/?sig=TheSecretOfTheUrl' }),
    ])
    for (const outcome of outcomes) {
      expect(outcome.status).toBe('rejected')
      const error: unknown = outcome.status === 'rejected' && outcome.reason
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('TheSecret')
    }
    expect(JSON.stringify(await bench.folder())).not.toContain('TheSecret')
  })
})
