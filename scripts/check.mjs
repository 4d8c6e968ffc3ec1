// Everything that must hold before a change lands, apart from the tests. Prints one line a check, and the output of those
// that fail. The last line counts them.
import { spawnSync } from 'node:child_process'

const bin = name => `node_modules/.bin/${name}`
const packages = ['protocol', 'device', 'service', 'local-hub']
const nativeTsc = ['node', 'node_modules/typescript-native/bin/tsc', '--project']

const checks = [
  ['format', bin('biome'), 'check', '.'],
  ['lint, and who imports whom', bin('oxlint'), '--type-aware', '--deny-warnings'],
  ['types of everything', ...nativeTsc, 'tsconfig.json'],
  ...packages.map(name => [`types of ${name} alone`, ...nativeTsc, `packages/${name}`]),
  ['unused code and dependencies', bin('knip')],
  ['build', 'node', 'scripts/build.mjs'],
  ...packages.map(name => [`publint ${name}`, bin('publint'), '--strict', '--pack', 'npm', `packages/${name}`]),
  ...packages.map(name => [`attw ${name}`, bin('attw'), '--pack', `packages/${name}`]),
  ['both module formats, executed and type-checked', 'node', 'scripts/check-formats.mjs'],
  ['the command line, from its tarball', 'node', 'scripts/check-command-line.mjs'],
]

let failed = 0
for (const [name, command, ...args] of checks) {
  const startTime = performance.now()
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const seconds = ((performance.now() - startTime) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  if (status === 0) continue
  failed += 1
  console.log(stdout, stderr)
}
console.log(`checks: ${checks.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
