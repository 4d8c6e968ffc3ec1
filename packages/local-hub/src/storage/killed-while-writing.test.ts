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

/** Runs the program until it has acknowledged this many writes, kills it at once, and returns the last value acknowledged. */
async function writeUntilKilled(data: string, writes: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, data], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let acknowledged = 0
  let count = 0
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line)
    count += 1
    if (count === writes) child.kill('SIGKILL')
  }
  await exited
  return acknowledged
}

it('a hub that is killed in the middle of writes loses none that it has acknowledged', {
  timeout: 60_000,
}, async () => {
  const data = await mkdtemp(join(tmpdir(), 'killed-hub-'))
  for (const writes of [1, 7, 40, 3]) {
    const acknowledged = await writeUntilKilled(data, writes)
    expect(acknowledged).toBeGreaterThan(0)
    await using hub = await startLocalHub({ data })
    const { body } = await callRest(hub, { method: 'GET', path: '/twins/d1' })
    // One more may have been on its way.
    expect([acknowledged, acknowledged + 1].map(value => ({ value }))).toContainEqual({
      value: Number(JSON.stringify(body.tags).match(/"value":(\d+)/)?.[1]),
    })
  }
})
