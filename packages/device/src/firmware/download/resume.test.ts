import { link, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type DownloadBench, openDownloadBench } from '../../../test/firmware/download-bench.ts'
import type { ServerScript } from '../../../test/firmware/hostile-server.ts'
import { answer, head, inTurn, serveImage } from '../../../test/firmware/image-scripts.ts'

const there = 60_000

/** A download that was cut off: 60,000 bytes are there. What comes next is up to the script. */
async function cutOff(
  next: (image: Buffer) => ServerScript,
  headers: Readonly<Record<string, string>> = { etag: '"v1"' },
): Promise<DownloadBench> {
  const bench = await openDownloadBench(image =>
    inTurn(async exchange => {
      await exchange.write(head(200, { 'content-length': image.length, ...headers }))
      await exchange.write(image.subarray(0, there))
    }, next(image)),
  )
  const controller = new AbortController()
  const onProgress = (bytes: number) => {
    if (bytes === there) controller.abort()
  }
  await bench.download({ abortSignal: controller.signal, onProgress }).catch(() => {})
  expect((await stat(`${bench.file}.partial`)).size).toBe(there)
  return bench
}

async function rangesAfterFirst(bench: DownloadBench): Promise<readonly (string | undefined)[]> {
  return bench.server.requests.slice(1).map(({ headers }) => headers.range)
}

describe('a download that was cut off', () => {
  it('goes on where it was, bound to the content', async () => {
    await using bench = await cutOff(image => serveImage(image))
    await bench.download()
    expect((await bench.server.request(2)).headers).toMatchObject({ range: `bytes=${there}-`, 'if-range': '"v1"' })
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('takes the rest in parts when the server gives no more at a time', async () => {
    await using bench = await cutOff(image => async exchange => {
      const first = Number(exchange.request.headers.range?.slice(6, -1))
      const last = Math.min(first + 15_000, image.length) - 1
      await exchange.write(
        head(206, { 'content-range': `bytes ${first}-${last}/${image.length}`, 'content-length': last - first + 1 }),
      )
      await exchange.write(image.subarray(first, last + 1))
    })
    await bench.download()
    expect(await rangesAfterFirst(bench)).toEqual(['bytes=60000-', 'bytes=75000-', 'bytes=90000-'])
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('needs nobody any more when only its name was missing', async () => {
    await using bench = await cutOff(image => serveImage(image, { resetAfter: () => 40_000 }))
    await bench.download()
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it.each([
    ['a weak ETag', { etag: 'W/"v1"', 'last-modified': 'Tue, 01 Jan 2030 00:00:00 GMT' }],
    ['no validator', {}],
    [
      'a date that is too young',
      { date: 'Tue, 01 Jan 2030 00:00:00 GMT', 'last-modified': 'Tue, 01 Jan 2030 00:00:00 GMT' },
    ],
  ])('begins anew when the server gave %s', async (_, headers) => {
    await using bench = await openDownloadBench(image =>
      inTurn(async exchange => {
        await exchange.write(head(200, { 'content-length': image.length, ...headers }))
        await exchange.write(image.subarray(0, there))
        await exchange.reset()
      }, serveImage(image)),
    )
    await bench.download()
    expect(await rangesAfterFirst(bench)).toEqual([undefined])
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('goes on by the date of the last change where there is no ETag', async () => {
    const changed = 'Tue, 01 Jan 2030 00:00:00 GMT'
    await using bench = await cutOff(
      image => answer(206, { 'content-range': `bytes ${there}-99999/100000` }, image.subarray(there)),
      { date: 'Tue, 01 Jan 2030 00:00:09 GMT', 'last-modified': changed },
    )
    await bench.download()
    expect((await bench.server.request(2)).headers).toMatchObject({ range: `bytes=${there}-`, 'if-range': changed })
  })
})

describe('F18: a poisoned resume', () => {
  it('begins anew when the image has changed, and takes the one that was promised', async () => {
    await using bench = await cutOff(image => serveImage(image, { etag: '"v2"' }))
    await bench.download()
    expect(bench.server.requests).toHaveLength(2)
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('does not take the image that it has changed to', async () => {
    await using bench = await cutOff(image => answer(200, { etag: '"v2"' }, Buffer.alloc(image.length, 7)))
    await expect(bench.download()).rejects.toMatchObject({ code: 'DigestMismatch' })
    expect(await bench.folder()).toEqual({})
  })

  it.each([
    ['answers with another part', 'bytes 0-99999/100000'],
    ['answers with a part that begins a byte late', 'bytes 60001-99999/100000'],
    ['answers with another size', 'bytes 60000-99999/100001'],
    ['does not tell the size', 'bytes 60000-99999/*'],
    ['answers with a part beyond the end', 'bytes 60000-100000/100000'],
    ['answers with nonsense', 'bytes -1-x/y'],
    ['answers in other units', 'lines 60000-99999/100000'],
  ])('begins anew when the server %s', async (_, contentRange) => {
    await using bench = await cutOff(image =>
      inTurn(() => {}, answer(206, { 'content-range': contentRange }, image.subarray(there)), serveImage(image)),
    )
    await bench.download()
    expect(await rangesAfterFirst(bench)).toEqual([`bytes=${there}-`, undefined])
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it.each<readonly [string, (image: Buffer) => ServerScript]>([
    ['a part without its place', image => answer(206, {}, image.subarray(there))],
    ['several parts', image => answer(206, { 'content-type': 'multipart/byteranges; boundary=x' }, image)],
    [
      'a part of another content',
      image => answer(206, { etag: '"v2"', 'content-range': 'bytes 60000-99999/100000' }, image),
    ],
    ['the news that there is no such part', () => answer(416, { 'content-range': 'bytes */50' })],
  ])('begins anew when the server answers with %s', async (_, next) => {
    await using bench = await cutOff(image => inTurn(() => {}, next(image), serveImage(image)))
    await bench.download()
    expect(await rangesAfterFirst(bench)).toEqual([`bytes=${there}-`, undefined])
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('begins anew when the rest does not fit to what is there', async () => {
    await using bench = await cutOff(image =>
      inTurn(
        () => {},
        answer(206, { 'content-range': 'bytes 60000-99999/100000' }, Buffer.alloc(40_000)),
        serveImage(image),
      ),
    )
    await bench.download()
    expect(await rangesAfterFirst(bench)).toEqual([`bytes=${there}-`, undefined])
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('refuses a part that nobody asked for', async () => {
    await using bench = await openDownloadBench(image =>
      answer(206, { 'content-range': 'bytes 0-99999/100000' }, image),
    )
    await expect(bench.download()).rejects.toMatchObject({ code: 'DownloadRefused' })
  })

  it.each<readonly [string, (partial: string) => Promise<unknown>]>([
    [
      'a bit has changed',
      async partial => {
        const bytes = await readFile(partial)
        bytes[30_000] = (bytes[30_000] ?? 0) ^ 1
        await writeFile(partial, bytes)
      },
    ],
    ['the end is missing', partial => truncate(partial, 59_999)],
    ['it is empty', partial => truncate(partial)],
    ['the mark is torn', partial => writeFile(`${partial}.json`, '{"sha256":')],
    ['the mark is empty', partial => writeFile(`${partial}.json`, '')],
    ['the mark is of something else', partial => writeFile(`${partial}.json`, '[1]')],
    ['the mark is huge', partial => writeFile(`${partial}.json`, ' '.repeat(10_000))],
    [
      'the mark has another length',
      async partial => {
        const mark = JSON.parse(await readFile(`${partial}.json`, 'utf8'))
        await writeFile(`${partial}.json`, JSON.stringify({ ...mark, length: 2 ** 52 }))
      },
    ],
  ])('begins anew when what is there is not what it was: %s', async (_, change) => {
    await using bench = await cutOff(image => serveImage(image))
    await change(`${bench.file}.partial`)
    await bench.download()
    expect(await rangesAfterFirst(bench)).toEqual([undefined])
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('goes on from what was marked when more is there', async () => {
    await using bench = await cutOff(image => serveImage(image))
    await writeFile(`${bench.file}.partial`, 'bytes of a write that nobody waited for', { flag: 'a' })
    await bench.download()
    expect(await rangesAfterFirst(bench)).toEqual([`bytes=${there}-`])
    expect(await bench.folder()).toEqual({ image: 'the image' })
  })

  it('does not go on with what is there of another image', async () => {
    await using bench = await cutOff(image => serveImage(image))
    await expect(bench.download({ sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'DigestMismatch' })
    expect(await rangesAfterFirst(bench)).toEqual([undefined])
  })
})

describe('F13: what else has the name of the file', () => {
  it.each<readonly [string, (victim: string, path: string) => Promise<unknown>]>([
    ['a symbolic link', (victim, path) => symlink(victim, path)],
    ['a second name of another file', (victim, path) => link(victim, path)],
  ])('is not written through: %s', async (_, plant) => {
    await using bench = await openDownloadBench(image => serveImage(image))
    const victim = join(bench.file, '..', 'victim')
    await writeFile(victim, 'precious')
    for (const suffix of ['', '.partial', '.partial.json']) await plant(victim, `${bench.file}${suffix}`)
    await bench.download()
    const folder = await bench.folder()
    expect(folder).toMatchObject({ image: 'the image', victim: 'precious' })
    expect(Object.keys(folder)).not.toContain('image.partial')
    expect((await stat(bench.file)).nlink).toBe(1)
  })
})
