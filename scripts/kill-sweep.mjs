// Kills the device at every point and at every pair of points: what the tests do with some of the pairs. Takes an hour or more. Arguments are
// those of Vitest, such as -t firmwareUpdate.
import { spawnSync } from 'node:child_process'

const suites = ['packages/device/test/kill-sweep', 'test/src/end-to-end/killed-again-in-recovery']
const { status } = spawnSync('node_modules/.bin/vitest', ['run', ...suites, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, KILL_SWEEP_STRIDE: '1', KILL_PAIRS_STRIDE: '1' },
})
process.exitCode = status ?? 1
