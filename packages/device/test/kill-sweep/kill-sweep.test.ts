import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patterns } from './patterns/patterns.ts'
import { sweepPattern } from './sweep.ts'

/**
 * Of the points of a recovery, every how manieth one is killed at, and that only after every fourth first kill. All of them take an hour
 * or more: `pnpm run kill-sweep`.
 */
const stride = Number(process.env.KILL_SWEEP_STRIDE ?? 97)

let scratch: string
let path: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'kill-sweep-'))
  // One file of plain JavaScript: a life takes a tenth of a second then.
  await build({
    entry: [fileURLToPath(new URL('device.ts', import.meta.url))],
    outDir: scratch,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    target: 'node20',
    noExternal: [/.*/],
    config: false,
    silent: true,
    esbuildOptions: options => {
      options.conditions = ['@iothub-dm/source']
    },
  })
  path = join(scratch, 'device.mjs')
}, 60_000)

afterAll(() => rm(scratch, { recursive: true, force: true }))

describe('R1: a device that is killed wherever it can be killed, once and twice', () => {
  it.each([...patterns.keys()])(
    '%s ends as everybody is told, and does nothing twice that is done',
    async pattern => {
      const { points, ...figures } = await sweepPattern({ program: { path, pattern }, scratch, stride })
      process.stdout.write(`${pattern}: ${points.length} points, ${JSON.stringify(figures)}\n`)
      expect(figures.singles).toBeGreaterThanOrEqual(points.length)
      expect(figures.pairs).toBeGreaterThan(0)
      // Who takes a point away, or adds one, says so: `vitest -u`.
      const list = [...new Set(points)].toSorted().join('\n')
      await expect(`${list}\n`).toMatchFileSnapshot(`golden/${pattern}.txt`)
    },
    3_600_000,
  )
})
