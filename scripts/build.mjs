// Builds every package, protocol first: the others take their types from what it built.
import { spawnSync } from 'node:child_process'

for (const name of ['protocol', 'local-hub', 'device', 'service']) {
  const { status } = spawnSync('node', ['../../node_modules/tsup/dist/cli-default.js', '--silent'], {
    cwd: `packages/${name}`,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(1)
  console.log(`built @iothub-dm/${name}`)
}
