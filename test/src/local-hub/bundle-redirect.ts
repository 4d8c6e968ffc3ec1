import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Makes the file that a program is started with, `--require` and all, as the build of the package does. */
export async function bundleRedirect(): Promise<string> {
  const outfile = join(await mkdtemp(join(tmpdir(), 'iothub-local-')), 'redirect.cjs')
  const source = new URL('../../../packages/local-hub/src/redirect/redirect.ts', import.meta.url)
  await build({ entryPoints: [fileURLToPath(source)], outfile, bundle: true, platform: 'node', format: 'cjs' })
  return outfile
}
