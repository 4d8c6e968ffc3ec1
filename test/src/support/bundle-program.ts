import { randomUUID } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const outputDirectory = fileURLToPath(new URL('../../node_modules/.cache/iothub-dm-test', import.meta.url))
const bundled = new Map<string, Promise<string>>()

/**
 * Makes one file of a program and all that it imports, so that it starts in about 0.1 s instead of 1 s.
 *
 * @param name of the program, from this folder, without `.ts`
 * @returns path of the file
 */
export function bundleProgram(name: string): Promise<string> {
  const known = bundled.get(name)
  if (known !== undefined) return known
  const bundle = bundleAnew(name)
  bundled.set(name, bundle)
  return bundle
}

async function bundleAnew(name: string): Promise<string> {
  const path = join(outputDirectory, `${basename(name)}.mjs`)
  // Several test files may do this at the same time.
  const ownPath = join(outputDirectory, `${basename(name)}.${randomUUID()}.mjs`)
  await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    outfile: ownPath,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    conditions: ['@iothub-dm/source'],
    // The Azure clients are CommonJS and call `require` for what Node has.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    logLevel: 'warning',
  })
  await rename(ownPath, path)
  return path
}
