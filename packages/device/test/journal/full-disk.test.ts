import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DeviceState } from '../../src/state/device-state.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'full-disk-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

it('R4: a device whose disk takes no more answers 503, acknowledges nothing, and goes on with everything else', async () => {
  const program = fileURLToPath(new URL('full-disk-device.ts', import.meta.url))
  const node = [process.execPath, '--import', 'tsx', '--conditions=@iothub-dm/source', program, directory]
  // Files of at most 64 blocks: writing beyond fails with EFBIG, as it does with ENOSPC where the disk is full.
  const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -f 64 && exec "$0" "$@"', ...node])
  const answers: unknown[] = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(answers).toEqual([
    expect.objectContaining({ operationId: 'small-1', status: 202 }),
    expect.objectContaining({ operationId: 'small-2', status: 202 }),
    {
      operationId: 'large',
      status: 503,
      payload: { error: { code: 'PersistenceFailed', message: 'the device cannot write to its disk' } },
    },
    { operationId: 'ping', status: 200, payload: 'pong' },
    expect.objectContaining({ operationId: 'small-3', status: 202 }),
  ])
  await using state = await DeviceState.open({ directory, now: () => Date.now(), actionOf: () => undefined })
  for (const operationId of ['small-1', 'small-2', 'small-3']) {
    expect(state.operations.get(operationId)?.record.state).toBe('succeeded')
  }
  expect(state.operations.get('large')).toBeUndefined()
}, 60_000)
