import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { callRest } from '../../test/rest-call.ts'
import { startLocalHub } from '../index.ts'

const program = fileURLToPath(new URL('../../test/writing-program.ts', import.meta.url))

interface WritingLimits {
  /** How many writes to acknowledge before the end. */
  readonly writes?: number
  /** How big a file may become. */
  readonly fileSizeInKb?: number
}

/** Runs the program until it has acknowledged enough, or refuses, kills it at once, and returns the last value acknowledged. */
async function writeUntilKilled(
  data: string,
  { writes = Number.POSITIVE_INFINITY, fileSizeInKb }: WritingLimits,
): Promise<number> {
  const limit = fileSizeInKb === undefined ? '' : `ulimit -f ${fileSizeInKb}; `
  const command = [process.execPath, '--import', 'tsx', program, data].map(word => `'${word}'`).join(' ')
  const child = spawn('bash', ['-c', `${limit}exec ${command}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let acknowledged = 0
  let count = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'status 500') child.kill('SIGKILL')
    else acknowledged = Number(line)
    count += 1
    if (count === writes) child.kill('SIGKILL')
  }
  await exited
  return acknowledged
}

/** The state after a restart: what was acknowledged, or what was on its way when the end came. */
async function expectState(data: string, acknowledged: number): Promise<void> {
  expect(acknowledged).toBeGreaterThan(0)
  await using hub = await startLocalHub({ data })
  const { text } = await callRest(hub, { method: 'GET', path: '/twins/d1' })
  const value = Number(/"value":(\d+)/.exec(text)?.[1])
  expect([acknowledged, acknowledged + 1]).toContain(value)
}

it('a hub that is killed in the middle of writes loses none that it has acknowledged', {
  timeout: 60_000,
}, async () => {
  const data = await mkdtemp(join(tmpdir(), 'killed-hub-'))
  for (const writes of [1, 7, 40, 3]) await expectState(data, await writeUntilKilled(data, { writes }))
})

it('a hub that cannot write any more acknowledges nothing, and loses nothing', { timeout: 60_000 }, async () => {
  const data = await mkdtemp(join(tmpdir(), 'full-hub-'))
  await expectState(data, await writeUntilKilled(data, { fileSizeInKb: 64 }))
})
