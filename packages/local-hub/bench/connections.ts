// How many devices the hub takes, how fast, and what each costs, beside a bare server that does the least for the same clients:
// npx tsx packages/local-hub/bench/connections.ts [devices] [pairs]
import { cpus, loadavg } from 'node:os'
import { type LoadResult, runLoad, type StepResult } from './connections/run-load.ts'

const deviceCount = Number(process.argv[2] ?? 1000)
const pairs = Number(process.argv[3] ?? 5)
const steps = ['handshake', 'connect', 'twin', 'method'] as const

const print = (line: string): boolean => process.stdout.write(`${line}\n`)

function printResult(server: string, result: LoadResult): void {
  for (const name of steps) print(`${server.padEnd(6)}${name.padEnd(10)}${stepText(result[name])}`)
  print(`${server.padEnd(6)}${(result.memoryInBytes / 1024).toFixed(1)} KB of memory for each connection`)
}

function stepText({ perSecond, p50InMs, p99InMs, cpuInMicroseconds }: StepResult): string {
  return [perSecond.toFixed(0), p50InMs.toFixed(1), p99InMs.toFixed(1), cpuInMicroseconds.toFixed(0)]
    .map(text => text.padStart(10))
    .join('')
}

/** Median and range of a figure over the pairs. */
function ratio(of: (hub: LoadResult, bare: LoadResult) => number): string {
  const ratios = results.map(({ hub, bare }) => of(hub, bare)).toSorted((a, b) => a - b)
  const median = ratios[Math.floor(ratios.length / 2)] ?? Number.NaN
  return `${median.toFixed(2)} (${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})`
}

const machine = `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)} before`
print(`${deviceCount} devices, ${pairs} pairs of runs; ${machine}`)
print(`server step     per second    p50 ms    p99 ms    CPU us`)
const results: { readonly hub: LoadResult; readonly bare: LoadResult }[] = []
for (let pair = 0; pair < pairs; pair += 1) {
  // In turn first and second, so that neither always runs on a warm machine.
  const bareFirst = pair % 2 === 0 ? await runLoad('bare', deviceCount) : undefined
  const hub = await runLoad('hub', deviceCount)
  const bare = bareFirst ?? (await runLoad('bare', deviceCount))
  results.push({ hub, bare })
  printResult('bare', bare)
  printResult('hub', hub)
}
print('\nmedian of the pairs, and range')
for (const name of steps) {
  const rate = ratio((hub, bare) => hub[name].perSecond / bare[name].perSecond)
  const cpu = ratio((hub, bare) => hub[name].cpuInMicroseconds / bare[name].cpuInMicroseconds)
  print(`hub / bare, ${name}: rate ${rate}, CPU ${cpu}`)
}
print(`hub / bare, memory for each connection: ${ratio((hub, bare) => hub.memoryInBytes / bare.memoryInBytes)}`)
print(`hub, connect / bare handshake: rate ${ratio((hub, bare) => hub.connect.perSecond / bare.handshake.perSecond)}`)
