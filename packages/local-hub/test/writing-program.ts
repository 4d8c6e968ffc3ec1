// Runs a hub on the folder given, writes one twin without end, and prints each value when it is acknowledged.
import { startLocalHub } from '../src/index.ts'
import { callRest } from './rest-call.ts'

const [, , data] = process.argv
const hub = await startLocalHub({ data })
const devices = await callRest(hub, { method: 'GET', path: '/devices' })
if (devices.text === '[]') await hub.createDevice('d1')
const twin = await callRest(hub, { method: 'GET', path: '/twins/d1' })
const startsAt = Number(twin.text.match(/"value":(\d+)/)?.[1] ?? 0)
for (let value = startsAt + 1; ; value += 1) {
  const body = { tags: { value, padding: 'x'.repeat(value % 2000) } }
  const { status } = await callRest(hub, { method: 'PATCH', path: '/twins/d1', body })
  process.stdout.write(`${status === 200 ? value : `status ${status}`}\n`)
}
