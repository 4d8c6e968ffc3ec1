import { writeSync } from 'node:fs'
import { isIotHubDmError } from '@iothub-dm/protocol'
import { imageDownloader } from '../../src/firmware/download/image-downloader.ts'
import { resolveToLoopback } from './resolve-to-loopback.ts'

/** What {@link file://./download-program.ts} is told, as JSON in its first argument. */
export interface DownloadProgramOrder {
  readonly url: string
  readonly size: number
  readonly sha256: string
  readonly file: string
  readonly ca: string
  readonly privateHosts: readonly string[]
}

/**
 * Test support, run as a program: downloads an image, and prints a line for each `bytes rss` that it is at, the first one before it begins.
 * The last line is `done`, or the code of the error.
 */
const { ca, privateHosts, ...order }: DownloadProgramOrder = JSON.parse(process.argv[2] ?? '')
const download = imageDownloader({ ca, privateHosts, resolveHost: resolveToLoopback })
let sinceCollected = 0
const tell = (bytes: number): void => {
  // What is let go counts as let go: when the collector comes by is not what is measured.
  if (globalThis.gc !== undefined && bytes - sinceCollected >= 1024 * 1024) {
    globalThis.gc()
    sinceCollected = bytes
  }
  writeSync(1, `${bytes} ${process.memoryUsage().rss}\n`)
}
const abortSignal = new AbortController().signal
try {
  tell(0)
  await download({ ...order, maxSizeInBytes: order.size, abortSignal, onProgress: tell })
  writeSync(1, 'done\n')
} catch (error) {
  writeSync(1, `${isIotHubDmError(error) ? error.code : String(error)}\n`)
}
