import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type DownloadBench, openDownloadBench } from '../../../test/firmware/download-bench.ts'
import type { DownloadProgramOrder } from '../../../test/firmware/download-program.ts'
import { serverName } from '../../../test/firmware/hostile-server.ts'
import { endless, serveImage } from '../../../test/firmware/image-scripts.ts'

const mebibyte = 1024 * 1024

/** Runs a download in a process of its own; `onLine` gets what it prints. */
async function run(
  bench: DownloadBench,
  order: Partial<DownloadProgramOrder>,
  onLine: (line: string, child: ChildProcess) => unknown,
): Promise<void> {
  const program = fileURLToPath(new URL('../../../test/firmware/download-program.ts', import.meta.url))
  const complete: DownloadProgramOrder = {
    url: bench.server.url('/image'),
    size: bench.image.length,
    sha256: createHash('sha256').update(bench.image).digest('hex'),
    file: bench.file,
    ca: bench.server.authority.certificate,
    privateHosts: [serverName],
    ...order,
  }
  const node = ['--expose-gc', '--import', 'tsx', '--conditions=@iothub-dm/source', program, JSON.stringify(complete)]
  const child = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) onLine(line, child)
}

describe('a download in a process', () => {
  it('F18: that is killed while it writes goes on in the next one, and takes nothing for granted', async () => {
    await using bench = await openDownloadBench(image => serveImage(image), { bytes: 8 * mebibyte })
    await run(bench, {}, (line, child) => {
      if (Number(line.split(' ')[0]) >= 5 * mebibyte) child.kill('SIGKILL')
    })
    const lines: string[] = []
    await run(bench, {}, line => lines.push(line))
    expect(lines.at(-1)).toBe('done')
    expect(await bench.folder()).toEqual({ image: 'the image' })
    const { headers } = await bench.server.request(2)
    expect(Number(headers.range?.slice(6, -1))).toBeGreaterThanOrEqual(4 * mebibyte)
  }, 60_000)

  it('F7: takes no more than 32 MiB of memory and 64 KiB of disk beside the image for a body without end', async () => {
    const part = Buffer.alloc(mebibyte, 1)
    await using bench = await openDownloadBench(() => endless({ etag: '"v1"' }, part), { bytes: 1 })
    const size = 96 * mebibyte
    const lines: string[] = []
    let mostOnDisk = 0
    await run(bench, { size }, async line => {
      lines.push(line)
      if (lines.length % 200 === 0) mostOnDisk = Math.max(mostOnDisk, (await stat(`${bench.file}.partial`)).size)
    })
    expect(lines.at(-1)).toBe('SizeExceeded')
    // the first two lines: what the program itself takes, and the authorities that it trusts
    const rss = lines.slice(1, -1).map(line => Number(line.split(' ')[1]))
    expect(Math.max(...rss) - (rss[0] ?? 0)).toBeLessThan(32 * mebibyte)
    expect(mostOnDisk).toBeGreaterThan(mebibyte)
    expect(mostOnDisk).toBeLessThanOrEqual(size)
  }, 60_000)
})
