import { EventEmitter, on, once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { type DownloadBench, openDownloadBench } from '../../../test/firmware/download-bench.ts'
import { answer, endless, head, inTurn, serveImage } from '../../../test/firmware/image-scripts.ts'

const mebibyte = 1024 * 1024

async function bytesOnDisk(bench: DownloadBench): Promise<number> {
  return Object.values(await bench.folder()).reduce((sum, { length }) => sum + length, 0)
}

describe('F7: endless data', () => {
  it('stops at the size that was promised when the server does not end', async () => {
    await using bench = await openDownloadBench(() => endless({ etag: '"v1"' }, Buffer.alloc(1000, 1)))
    let most = 0
    const failure = bench.download({
      onProgress: bytes => {
        most = Math.max(most, bytes)
      },
    })
    await expect(failure).rejects.toMatchObject({ code: 'SizeExceeded', retryable: false })
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(bench.image.length)
    expect(await bytesOnDisk(bench)).toBe(0)
    expect(bench.server.requests).toHaveLength(1)
  })

  it('stops at the most that is allowed when nobody said the size', async () => {
    await using bench = await openDownloadBench(() => endless({}, Buffer.alloc(1000, 1)))
    await expect(bench.download({ size: undefined })).rejects.toMatchObject({ code: 'SizeExceeded' })
    await using told = await openDownloadBench(image => answer(200, { 'content-length': 1_000_001 }, image))
    await expect(told.download({ size: undefined })).rejects.toMatchObject({ code: 'SizeExceeded' })
  })

  it('takes nothing of a Content-Length that is not the size', async () => {
    for (const [length, code] of [
      [100_001, 'SizeExceeded'],
      [99_999, 'DigestMismatch'],
    ] as const) {
      await using bench = await openDownloadBench(image => answer(200, { 'content-length': length }, image))
      const progress: number[] = []
      await expect(bench.download({ onProgress: bytes => progress.push(bytes) })).rejects.toMatchObject({ code })
      expect(progress).toEqual([])
      expect(await bytesOnDisk(bench)).toBe(0)
    }
  })

  it('is not shaken by a body that is longer or shorter than its Content-Length', async () => {
    await using longer = await openDownloadBench(image =>
      answer(200, { 'content-length': image.length }, Buffer.concat([image, image])),
    )
    await longer.download()
    expect(await longer.folder()).toEqual({ image: 'the image' })
    await using shorter = await openDownloadBench(image =>
      answer(200, { 'content-length': image.length }, image.subarray(1)),
    )
    await expect(shorter.download({}, { maxTries: 2 })).rejects.toMatchObject({ code: 'DownloadFailed' })
  })

  it('refuses a content coding, and unpacks nothing', async () => {
    const bomb = gzipSync(Buffer.alloc(mebibyte))
    await using bench = await openDownloadBench(() =>
      answer(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }, bomb),
    )
    await expect(bench.download({ size: bomb.length })).rejects.toMatchObject({ code: 'DownloadRefused' })
    expect(await bytesOnDisk(bench)).toBe(0)
  })

  it('takes no more than 16 KiB of headers', async () => {
    await using bench = await openDownloadBench(() => async exchange => {
      await exchange.write('HTTP/1.1 200 OK\r\n')
      const line = `x: ${'a'.repeat(1000)}\r\n`
      for (let bytes = 0; bytes < 10 * mebibyte; bytes += line.length * 100) await exchange.write(line.repeat(100))
    })
    await expect(bench.download()).rejects.toMatchObject({ code: 'DownloadRefused' })
  })

  it('follows a chain of redirects to its limit', async () => {
    await using bench = await openDownloadBench(() => answer(301, { location: '/next' }))
    await expect(bench.download()).rejects.toMatchObject({ code: 'TooManyRedirects' })
    expect(bench.server.requests).toHaveLength(6)
  })
})

describe('F8: slow retrieval', () => {
  it('ends a download that comes too slowly, and keeps what is there', async () => {
    const clock = new ManualClock()
    const taken = new EventEmitter()
    let sent = 0
    await using bench = await openDownloadBench(image =>
      inTurn(async exchange => {
        await exchange.write(head(200, { etag: '"v1"', 'content-length': image.length }))
        // a byte a second
        for await (const _ of on(taken, 'byte')) {
          sent += 1
          void exchange.write(image.subarray(sent - 1, sent))
        }
      }, serveImage(image)),
    )
    const onProgress = (bytes: number) => {
      if (bytes > 0) clock.advance(1000)
      taken.emit('byte')
    }
    const failure = bench.download({ onProgress }, { clock, maxTries: 1 })
    await expect(failure).rejects.toMatchObject({
      code: 'DownloadStalled',
      retryable: true,
      message: 'less than 256 bytes per second have come',
    })
    expect(clock.pendingTimers).toBe(0)
    await bench.download()
    expect((await bench.server.request(2)).headers.range).toMatch(/^bytes=[1-9]\d*-$/)
  })

  it('ends a download that stalls at 99 %, and goes on from there', async () => {
    const clock = new ManualClock()
    await using bench = await openDownloadBench(image =>
      inTurn(async exchange => {
        await exchange.write(head(200, { etag: '"v1"', 'content-length': image.length }))
        await exchange.write(image.subarray(0, 99_000))
      }, serveImage(image)),
    )
    const reasons: string[] = []
    await bench.download(
      {
        onProgress: bytes => {
          if (bytes === 99_000 && reasons.length === 0) clock.advance(30_000)
        },
        onWaiting: (delayInMs, { code }) => {
          reasons.push(code)
          setImmediate(() => clock.advance(delayInMs))
        },
      },
      { clock },
    )
    expect(reasons).toEqual(['DownloadStalled'])
    expect((await bench.server.request(2)).headers.range).toBe('bytes=99000-')
    expect(clock.pendingTimers).toBe(0)
  })

  it.each([
    ['nothing', ''],
    ['a header that never ends', 'HTTP/1.1 200 OK\r\nx: '],
    ['a hint again and again', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)],
  ])('does not wait for ever for an answer: %s', async (_, beginning) => {
    const clock = new ManualClock()
    await using bench = await openDownloadBench(() => exchange => exchange.write(beginning))
    const failure = bench.download({}, { clock, maxTries: 1 })
    await bench.server.request(1)
    clock.advance(30_000)
    await expect(failure).rejects.toMatchObject({ code: 'DownloadStalled' })
    expect(clock.pendingTimers).toBe(0)
  })

  it('is over after its total time, however it goes on', async () => {
    const clock = new ManualClock()
    await using bench = await openDownloadBench(image => serveImage(image, { resetAfter: () => 1000 }))
    const failure = bench.download(
      { onWaiting: delayInMs => setImmediate(() => clock.advance(delayInMs)) },
      { clock, totalTimeoutInMs: 60_000, maxTries: 1000, maxDelayInMs: 10_000, random: () => 0.999 },
    )
    await expect(failure).rejects.toMatchObject({ code: 'DownloadStalled', retryable: true })
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('F9: dropped requests', () => {
  it('comes through a reset after any number of bytes', async () => {
    const bytes = 20_000
    const cuts = Array.from({ length: 41 }, (_, step) => step * 500)
    let cut: number | undefined
    const progress = new EventEmitter()
    await using bench = await openDownloadBench(
      image => async exchange => {
        if (cut === undefined) return void serveImage(image)(exchange)
        const taken = once(progress, String(cut))
        await exchange.write(head(200, { etag: '"v1"', 'content-length': image.length }))
        await exchange.write(image.subarray(0, cut))
        cut = undefined
        await taken
        await exchange.reset()
      },
      { bytes },
    )
    for (const next of cuts) {
      cut = next
      const onProgress = (taken: number) => progress.emit(String(taken))
      await bench.download({ file: `${bench.file}-${next}`, onProgress })
    }
    const images = Object.entries(await bench.folder())
    expect(images).toHaveLength(cuts.length)
    for (const [name, content] of images) expect(content, name).toBe('the image')
    const ranges = bench.server.requests.flatMap(({ headers }) => headers.range ?? [])
    expect(ranges).toEqual(cuts.slice(1, -1).map(first => `bytes=${first}-`))
  })

  it('gives up on a server that has next to nothing at a time, and not on one that has a little', async () => {
    let bytesAtATime = 0
    const progress = new EventEmitter()
    await using bench = await openDownloadBench(
      image => async exchange => {
        const first = Number(exchange.request.headers.range?.slice(6, -1) ?? 0)
        const last = Math.min(first + bytesAtATime, image.length) - 1
        const headers = { etag: '"v1"', 'content-length': image.length - first }
        const range = { 'content-range': `bytes ${first}-${image.length - 1}/${image.length}` }
        const taken = once(progress, String(last + 1))
        await exchange.write(head(first === 0 ? 200 : 206, first === 0 ? headers : { ...headers, ...range }))
        await exchange.write(image.subarray(first, last + 1))
        await taken
        await exchange.reset()
      },
      { bytes: 500_000 },
    )
    const onProgress = (bytes: number) => progress.emit(String(bytes))
    bytesAtATime = 5_000
    await expect(bench.download({ onProgress })).rejects.toMatchObject({ code: 'DownloadFailed' })
    bytesAtATime = 20_000
    await bench.download({ onProgress })
    expect(await bench.folder()).toEqual({ image: 'the image' })
    expect(bench.server.requests.length).toBeLessThan(8 + 1 + 500_000 / 20_000)
  })

  it('tells the tries that a server costs that refuses connections, and gives up after them', async () => {
    const bench = await openDownloadBench(image => serveImage(image))
    await bench.server[Symbol.asyncDispose]()
    const waits: string[] = []
    const failure = bench.download(
      { onWaiting: (_, { code, message }) => waits.push(`${code}: ${message}`) },
      { maxTries: 4 },
    )
    await expect(failure).rejects.toMatchObject({ code: 'DownloadFailed' })
    expect(waits).toHaveLength(3)
    expect(waits[0]).toContain('ECONNREFUSED')
  })

  it('takes a name that is not found for a failure that may pass', async () => {
    await using bench = await openDownloadBench(image => serveImage(image))
    let asked = 0
    const resolveHost = () => {
      asked += 1
      return asked === 1
        ? Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }))
        : Promise.resolve([{ address: '127.0.0.1', family: 4 }])
    }
    await bench.download({}, { resolveHost })
    expect(asked).toBe(2)
  })

  it('takes an answer that is no HTTP for a failure that may pass', async () => {
    await using bench = await openDownloadBench(image =>
      inTurn(
        async exchange => {
          await exchange.write('220 this is not HTTP\r\n')
          exchange.end()
        },
        exchange => exchange.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
        serveImage(image),
      ),
    )
    await bench.download()
    expect(bench.server.requests).toHaveLength(3)
  })

  it('waits longer from try to try, up to a bound, and each time at random', async () => {
    const clock = new ManualClock()
    await using bench = await openDownloadBench(() => answer(500))
    const delays: number[] = []
    const onWaiting = (delayInMs: number) => {
      delays.push(delayInMs)
      setImmediate(() => clock.advance(delayInMs))
    }
    await expect(
      bench.download({ onWaiting }, { clock, random: () => 0.5, baseDelayInMs: 1000, maxDelayInMs: 5000, maxTries: 6 }),
    ).rejects.toMatchObject({ code: 'DownloadFailed' })
    expect(delays).toEqual([500, 1000, 2000, 2500, 2500])
  })
})

describe('F17: extra data', () => {
  it('refuses bytes after the image', async () => {
    await using bench = await openDownloadBench(image => answer(200, {}, Buffer.concat([image, Buffer.from('x')])))
    await expect(bench.download()).rejects.toMatchObject({ code: 'SizeExceeded' })
  })

  it('refuses a second gzip member', async () => {
    await using bench = await openDownloadBench(image => answer(200, {}, Buffer.concat([image, gzipSync('more')])))
    await expect(bench.download({ size: undefined })).rejects.toMatchObject({ code: 'DigestMismatch' })
    expect(await bench.folder()).toEqual({})
  })

  it('takes no more of a range than was asked for', async () => {
    await using bench = await openDownloadBench(image =>
      inTurn(serveImage(image, { resetAfter: () => 60_000 }), async exchange => {
        const first = Number(exchange.request.headers.range?.slice(6, -1))
        await exchange.write(head(206, { 'content-range': `bytes ${first}-${image.length - 1}/${image.length}` }))
        await exchange.write(Buffer.concat([image.subarray(first), Buffer.from('more')]))
        exchange.end()
      }),
    )
    await expect(bench.download()).rejects.toMatchObject({ code: 'SizeExceeded' })
    expect(await bench.folder()).toEqual({})
  })
})
