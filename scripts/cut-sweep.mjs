// The cut sweep of the device's connection at every 25th byte, for nightly runs; the tests cut at every 200th.
import { spawnSync } from 'node:child_process'

const stepInBytes = process.argv[2] ?? '25'
const { status } = spawnSync('node_modules/.bin/vitest', ['run', 'test/src/connection/cut-sweep.test.ts'], {
  env: { ...process.env, CUT_STEP_IN_BYTES: stepInBytes },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
