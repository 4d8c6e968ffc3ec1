import { describe, expect, it } from 'vitest'
import { openDownloadBench } from '../../../test/firmware/download-bench.ts'
import { serveImage } from '../../../test/firmware/image-scripts.ts'

describe('a download', () => {
  it('brings the image, and leaves nothing else', async () => {
    await using bench = await openDownloadBench(image => serveImage(image))
    await bench.download()
    expect(await bench.folder()).toEqual({ image: bench.image })
  })
})
