import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { ClockBench } from './clock-bench.ts'

it('a back end that follows nothing any more ends by itself', async () => {
  await using bench = await ClockBench.open()
  const operation = await bench.fleet.getDeviceClient('clock-1').actions.adjustByZod.begin({ by: 1 })
  const settings = {
    connectionString: bench.hub.connectionString('service'),
    serialized: operation.serialize(),
    endpoint: bench.hub.httpsEndpoint,
    ca: bench.hub.caCertificate,
    pollIntervalInMs: 10,
  }
  const program = fileURLToPath(new URL('leaving-program.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--conditions=@iothub-dm/source', program],
    { env: { ...process.env, NODE_OPTIONS: '', BACK_END: JSON.stringify(settings) }, timeout: 15_000 },
  )
  expect(stdout).toBe('left')
})
