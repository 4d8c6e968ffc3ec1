// What the device agent costs a program that already loads azure-iot-device-mqtt: time of the import and resident memory, in both
// module formats. Each is the least of some fresh processes, which is what is left when nothing else runs on the machine. Build first.
// Fails when it is over the bounds.
import { spawnSync } from 'node:child_process'

const runs = Number(process.argv[2] ?? 15)
const bounds = { importInMs: 25, memoryInMb: 6 }
const cwd = new URL('../packages/device/', import.meta.url)

const program = format => `
  ${format === 'esm' ? "import 'azure-iot-device-mqtt'" : "require('azure-iot-device-mqtt')"};
  const collect = () => { gc(); gc() }
  const measure = async () => {
    collect()
    const memory = process.memoryUsage().rss
    const start = performance.now()
    ${format === 'esm' ? "await import('@iothub-dm/device')" : "require('@iothub-dm/device')"}
    const importInMs = performance.now() - start
    collect()
    console.log(JSON.stringify({ importInMs, memoryInMb: (process.memoryUsage().rss - memory) / 2 ** 20 }))
  }
  measure()
`

let failed = false
for (const format of ['esm', 'cjs']) {
  const results = Array.from({ length: runs }, () => {
    const type = format === 'esm' ? 'module' : 'commonjs'
    const args = ['--expose-gc', `--input-type=${type}`, '--eval', program(format)]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  })
  for (const [name, bound] of Object.entries(bounds)) {
    const value = Math.min(...results.map(result => result[name]))
    const ok = value < bound
    failed ||= !ok
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${format} ${name}: ${value.toFixed(1)}, bound ${bound}`)
  }
}
process.exitCode = failed ? 1 : 0
