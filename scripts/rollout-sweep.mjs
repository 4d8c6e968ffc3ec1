// Rehearses rollouts over 2,000 seeds, with controllers killed at their writes and two at a time, and prints how often gates stop good
// rollouts and miss bad ones. Arguments are those of Vitest.
import { spawnSync } from 'node:child_process'

const suites = ['packages/service/src/simulation', 'packages/service/src/rollout/gate']
const { status } = spawnSync('node_modules/.bin/vitest', ['run', ...suites, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ROLLOUT_SEEDS: '2000', GATE_RUNS: '5000', ...process.env },
})
process.exitCode = status ?? 1
