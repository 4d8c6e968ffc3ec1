import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImageDownloaderOptions } from '../../src/firmware/download/download-options.ts'
import { imageDownloader } from '../../src/firmware/download/image-downloader.ts'
import type { DownloadImageOptions } from '../../src/firmware/download-image.ts'
import {
  type HostileServer,
  type HostileServerOptions,
  type ServerScript,
  serverName,
  startHostileServer,
} from './hostile-server.ts'
import { resolveToLoopback } from './resolve-to-loopback.ts'

/** A part of a query that must show up nowhere. */
export const canary = 'sig=TheSecretOfTheUrl'

/** What a test of the download works with. */
export interface DownloadBench extends AsyncDisposable {
  readonly server: HostileServer
  readonly image: Buffer
  /** Where the image goes. */
  readonly file: string
  /** Downloads the image; a test says what is different. */
  readonly download: (order?: Partial<DownloadImageOptions>, options?: ImageDownloaderOptions) => Promise<void>
  /** What is in the folder, by name: `the image`, or the text of anything else. */
  readonly folder: () => Promise<Readonly<Record<string, string>>>
}

/** Starts a server, and makes a folder for what comes from it. */
export async function openDownloadBench(
  script: (image: Buffer) => ServerScript,
  { bytes = 100_000, ...serverOptions }: HostileServerOptions & { readonly bytes?: number | undefined } = {},
): Promise<DownloadBench> {
  const image = randomBytes(bytes)
  const server = await startHostileServer(script(image), serverOptions)
  const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-download-'))
  const file = join(directory, 'image')
  return {
    server,
    image,
    file,
    download: (order, options) =>
      imageDownloader({
        ca: server.authority.certificate,
        privateHosts: [serverName],
        resolveHost: resolveToLoopback,
        baseDelayInMs: 1,
        ...options,
      })({
        url: server.url(`/image?${canary}`),
        size: image.length,
        maxSizeInBytes: 1_000_000,
        sha256: createHash('sha256').update(image).digest('hex'),
        file,
        abortSignal: new AbortController().signal,
        ...order,
      }),
    async folder() {
      const names = await readdir(directory)
      const contents = await Promise.all(
        names.map(async name => {
          const content = await readFile(join(directory, name))
          return [name, content.equals(image) ? 'the image' : content.toString('latin1')] as const
        }),
      )
      return Object.fromEntries(contents)
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}
