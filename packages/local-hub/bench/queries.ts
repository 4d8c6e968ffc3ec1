// How long queries over 100,000 twins take in the core, without transports: npx tsx packages/local-hub/bench/queries.ts [twins]
import { randomBytes } from 'node:crypto'
import { ManualClock } from '../src/hub-core/clock/manual-clock.ts'
import { HubCore } from '../src/hub-core/hub-core.ts'

const count = Number(process.argv[2] ?? 100_000)
const sites = ['oslo', 'bergen', 'trondheim', 'tromsø']
const runs = 15

const queries = [
  `SELECT * FROM devices WHERE deviceId = 'd${count - 1}'`,
  `SELECT * FROM devices WHERE deviceId IN [${Array.from({ length: 100 }, (_, n) => `'d${n * 7}'`).join(',')}]`,
  "SELECT * FROM devices WHERE tags.site = 'nowhere'",
  `SELECT * FROM devices WHERE tags.number = ${count - 1}`,
  "SELECT * FROM devices WHERE tags.site = 'oslo' AND properties.reported.battery < 0",
  'SELECT deviceId FROM devices WHERE properties.reported.firmware.version >= 1000 AND tags.number > 5',
  'SELECT deviceId FROM devices WHERE properties.desired.$version > 100',
  "SELECT deviceId FROM devices WHERE STARTSWITH(deviceId, 'x') OR connectionState = 'Connected'",
  "SELECT COUNT() AS total FROM devices WHERE tags.site = 'oslo'",
  'SELECT properties.reported.firmware.status AS status, COUNT() AS n FROM devices GROUP BY properties.reported.firmware.status',
  "SELECT COUNT() AS total FROM devices WHERE lastActivityTime > '2026'",
  'SELECT * FROM devices',
]

const core = new HubCore({ hostNames: ['hub.example'], clock: new ManualClock(), random: randomBytes })
const none = { kind: 'none' } as const
for (let n = 0; n < count; n += 1) {
  core.identities.put(`d${n}`, {}, none)
  const tags = { site: sites[n % sites.length] ?? '', number: n, floor: n % 9 }
  core.twins.patch(`d${n}`, { tags, properties: { desired: { interval: n % 60 } } }, none)
  const firmware = { status: n % 3 === 0 ? 'current' : 'applying', version: n % 50 }
  core.twins.report(`d${n}`, { battery: n % 100, firmware, uptimeInSeconds: n }, undefined)
}

process.stdout.write(
  `${count} twins, pages of 1000, ${runs} runs after 3 to warm up\nmedian ms   worst ms   rows   query\n`,
)
for (const query of queries) {
  const page = { maxItemCount: 1000 }
  const times: number[] = []
  let rows = 0
  for (let run = -3; run < runs; run += 1) {
    const start = performance.now()
    rows = core.queries.run({ query }, page).items.length
    if (run >= 0) times.push(performance.now() - start)
  }
  const sorted = times.toSorted((first, second) => first - second)
  const [median = 0, worst = 0] = [sorted[runs >> 1], sorted[runs - 1]]
  process.stdout.write(
    `${median.toFixed(2).padStart(9)}  ${worst.toFixed(2).padStart(9)}  ${String(rows).padStart(5)}   ${query.slice(0, 110)}\n`,
  )
}
