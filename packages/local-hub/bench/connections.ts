// How many devices the hub takes, how fast, and what each costs, beside a bare server that does the least for the same clients:
// npx tsx packages/local-hub/bench/connections.ts [devices] [pairs]
import { cpus } from 'node:os'
import { type LoadResult, runLoad, type StepResult } from './connections/run-load.ts'

const deviceCount = Number(process.argv[2] ?? 2000)
const pairs = Number(process.argv[3] ?? 2)

function line(name: string, result: LoadResult): string {
  return `${name.padEnd(6)} ${stepText(result.connect)} ${stepText(result.method)} ${(result.memoryInBytes / 1024).toFixed(1).padStart(10)}\n`
}

function stepText({ perSecond, p50InMs, p99InMs, cpuInMicroseconds }: StepResult): string {
  return [perSecond.toFixed(0), p50InMs.toFixed(1), p99InMs.toFixed(1), cpuInMicroseconds.toFixed(0)]
    .map(text => text.padStart(8))
    .join('')
}

/** Median and range of hub / echo over the pairs. */
function ratio(hub: readonly LoadResult[], echo: readonly LoadResult[], of: (result: LoadResult) => number): string {
  const ratios = hub.map((result, index) => of(result) / of(echo[index] ?? result)).toSorted((a, b) => a - b)
  const median = ratios[Math.floor(ratios.length / 2)] ?? Number.NaN
  return `${median.toFixed(2)} (${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})`
}

process.stdout.write(
  `${deviceCount} devices, ${pairs} pairs of runs; Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model}\n` +
    `server  connect/s     p50     p99  CPU us methods/s     p50     p99  CPU us    KB each\n`,
)
const results: Record<'echo' | 'hub', LoadResult[]> = { echo: [], hub: [] }
for (let pair = 0; pair < pairs; pair += 1) {
  // In turn first and second, so that neither always runs on a warm machine.
  for (const name of pair % 2 === 0 ? (['echo', 'hub'] as const) : (['hub', 'echo'] as const)) {
    const result = await runLoad(name, deviceCount)
    results[name].push(result)
    process.stdout.write(line(name, result))
  }
}
const { hub, echo } = results
process.stdout.write(
  `hub / echo, median of pairs: connect rate ${ratio(hub, echo, each => each.connect.perSecond)}, ` +
    `method rate ${ratio(hub, echo, each => each.method.perSecond)}, ` +
    `CPU per connect ${ratio(hub, echo, each => each.connect.cpuInMicroseconds)}, ` +
    `CPU per method ${ratio(hub, echo, each => each.method.cpuInMicroseconds)}, ` +
    `memory per connection ${ratio(hub, echo, each => each.memoryInBytes)}\n`,
)
