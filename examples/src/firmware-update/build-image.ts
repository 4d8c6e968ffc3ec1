import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Release } from './release.ts'

/**
 * Makes an image: the device program with all that it imports, in one file that Node runs.
 *
 * @param file where it goes
 */
export async function buildImage(file: string, release: Release): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('./device.ts', import.meta.url))],
    outfile: file,
    bundle: true,
    minify: true,
    // When the program crashes, Node shows the line.
    lineLimit: 160,
    platform: 'node',
    target: 'node20',
    // The file has no extension in its slot, so Node takes it for CommonJS.
    format: 'cjs',
    conditions: ['@iothub-dm/source'],
    define: { CAMERA_RELEASE: JSON.stringify(release) },
    logLevel: 'warning',
  })
}
