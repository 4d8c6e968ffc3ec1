import { describe, expect, it } from 'vitest'
import { fleet, JsonSource, rowsOf } from '../../../test/query-fixture.ts'
import type { JsonObject } from '../json/json.ts'
import { type QueryPage, runQuery } from './run-query.ts'
import { parseQuery } from './syntax/query-parser.ts'

const { devices = [], 'devices.modules': modules = [], 'devices.jobs': jobs = [] } = fleet

const queries: readonly (readonly [query: string, rows: readonly JsonObject[]])[] = [
  ['SELECT * FROM devices', devices],
  ['select * from DEVICES', devices],
  ['SELECT TOP 2 * FROM devices', devices.slice(0, 2)],
  ['SELECT TOP 0 * FROM devices', []],
  ["SELECT TOP 1 deviceId FROM devices WHERE status = 'enabled'", [{ deviceId: 'cam-1' }]],
  [
    "SELECT DeviceId, LASTACTIVITYTIME FROM devices WHERE status='enabled' AND connectionState='Connected'",
    [{ deviceId: 'cam-1', lastActivityTime: '2026-01-02T10:00:00.0000000Z' }],
  ],
  [
    'SELECT deviceId AS ID, tags.site, properties.reported.battery AS charge FROM devices',
    [
      { ID: 'cam-1', site: 'oslo', charge: 0.5 },
      { ID: 'cam-2', site: 'bergen', charge: 90 },
      { ID: 'pump-1', site: 'Oslo', charge: null },
      { ID: 'pump-2' },
    ],
  ],
  ['SELECT tags.[[my-tag]] AS [[my tag]] FROM devices', [{ 'my tag': 'x' }, {}, {}, {}]],
  ["SELECT tags.region FROM devices WHERE deviceId = 'cam-2'", [{ region: { code: 'NO' } }]],
  ["SELECT devices.tags.[[group]] FROM devices WHERE deviceId = 'cam-2'", [{ group: 'b' }]],
  ["SELECT tags.site AS __proto__ FROM devices WHERE deviceId = 'cam-2'", [JSON.parse('{"__proto__":"bergen"}')]],
  ['SELECT count, top10 FROM devices', [{}, {}, {}, {}]],
  ['SELECT COUNT() FROM devices', [{ count: 4 }]],
  ["SELECT COUNT() AS total FROM devices WHERE status = 'enabled'", [{ total: 3 }]],
  ['SELECT COUNT() AS total FROM devices WHERE false', [{ total: 0 }]],
  ['SELECT TOP 0 COUNT() AS total FROM devices', []],
  [
    'SELECT SUM(tags.floor) AS s, avg(tags.floor) AS a, min(tags.floor) AS low, MAX(tags.floor) AS high FROM devices',
    [{ s: 2, a: 1, low: -1, high: '3' }],
  ],
  ['SELECT SUM(tags.nothing), AVG(tags.site), MIN(tags.nothing), MAX(tags.region) FROM devices', [{}]],
  ['SELECT MIN(tags.site), MAX(tags.site) FROM devices', [{ min: 'Oslo', max: 'oslo' }]],
  ['SELECT MIN(deviceId) FROM devices WHERE false GROUP BY status', []],
  [
    'SELECT status, COUNT() AS numberOfDevices FROM devices GROUP BY status',
    [
      { status: 'enabled', numberOfDevices: 3 },
      { status: 'disabled', numberOfDevices: 1 },
    ],
  ],
  [
    'SELECT tags.[[group]] AS g, COUNT() AS n FROM devices GROUP BY devices.tags.[[group]]',
    [{ g: 'a', n: 2 }, { g: 'b', n: 1 }, { n: 1 }],
  ],
  ['SELECT TOP 1 STATUS, COUNT() AS n FROM devices GROUP BY status', [{ status: 'enabled', n: 3 }]],
  ['SELECT COUNT() AS n FROM devices GROUP BY status', [{ n: 3 }, { n: 1 }]],
  [
    'SELECT status FROM devices GROUP BY status, connectionState',
    [{ status: 'enabled' }, { status: 'enabled' }, { status: 'disabled' }],
  ],
  [
    'SELECT tags.floor, COUNT() AS n FROM devices GROUP BY tags.floor',
    [{ floor: 3, n: 1 }, { floor: -1, n: 1 }, { floor: '3', n: 1 }, { n: 1 }],
  ],
  [
    'SELECT properties.reported.battery AS b, COUNT() AS n FROM devices GROUP BY properties.reported.battery',
    [{ b: 0.5, n: 1 }, { b: 90, n: 1 }, { b: null, n: 1 }, { n: 1 }],
  ],
  ['SELECT * FROM devices.modules', modules],
  ["SELECT * FROM devices.modules WHERE devices.deviceId = 'cam-2'", modules.slice(2)],
  [
    "SELECT moduleId FROM devices.modules WHERE devices.modules.moduleId = 'lens' AND deviceId = 'cam-1'",
    [{ moduleId: 'lens' }],
  ],
  [
    `select deviceId from devices.modules where moduleId = '$edgeAgent' and configurations.[[base]].status = 'Applied'
     and properties.desired.$version = properties.reported.lastDesiredVersion
     and properties.reported.lastDesiredStatus.code = 200`,
    [{ deviceId: 'cam-1' }],
  ],
  [
    'SELECT deviceId, COUNT() AS n FROM devices.modules GROUP BY deviceId',
    [
      { deviceId: 'cam-1', n: 2 },
      { deviceId: 'cam-2', n: 1 },
    ],
  ],
  ['SELECT * FROM devices.jobs', jobs],
  ["SELECT * FROM devices.jobs WHERE devices.jobs.jobId = 'j1'", jobs.slice(0, 2)],
  [
    "SELECT * FROM devices.jobs WHERE devices.jobs.deviceId = 'cam-1' AND jobtype = 'scheduleUpdateTwin'",
    jobs.slice(2),
  ],
  ["SELECT * FROM devices.jobs WHERE devices.jobs.createdTimeUtc > '2026-01-02'", jobs.slice(2)],
  ['SELECT TOP 1 * FROM devices.jobs WHERE outcome.deviceMethodResponse.status = 200', jobs.slice(0, 1)],
]

describe('a query', () => {
  it.each(queries)('%s', (query, rows) => {
    expect(rowsOf(query)).toEqual(rows)
  })

  it.each([
    ['SELECT * FROM devices', 'Twin'],
    ['SELECT * FROM devices.modules', 'Twin'],
    ['SELECT * FROM devices.jobs', 'DeviceJob'],
    ['SELECT deviceId FROM devices', 'Raw'],
    ['SELECT COUNT() FROM devices', 'Raw'],
    ['SELECT * FROM devices WHERE false', 'Twin'],
  ])('%s has rows of type %s', (query, itemType) => {
    expect(runQuery(parseQuery(query), new JsonSource(fleet), { maxItemCount: 10 }).itemType).toBe(itemType)
  })

  it.each([
    ["SELECT * FROM devices WHERE deviceId = 'd7'", 1],
    ["SELECT * FROM devices WHERE deviceId IN ['d7', 'd8', 'none'] AND tags.n > 0", 2],
    ["SELECT * FROM devices WHERE deviceId IN ['d7', 'd8'] AND 'd8' = deviceId", 1],
    ["SELECT * FROM devices WHERE deviceId = 'd7' OR deviceId = 'd8'", 2],
    ["SELECT * FROM devices WHERE deviceId = 'd7' OR tags.n = 8", 50],
    ["SELECT * FROM devices WHERE NOT deviceId = 'd7'", 50],
    ["SELECT * FROM devices WHERE tags.deviceId = 'd7'", 50],
    ['SELECT TOP 3 * FROM devices', 3],
  ])('%s looks at %i of 50 documents', (query, count) => {
    const source = new JsonSource({
      devices: Array.from({ length: 50 }, (_, n) => ({ deviceId: `d${n}`, tags: { n } })),
    })
    rowsOf(query, source)
    expect(source.handedOut).toBe(count)
  })
})

function numbered(count: number): JsonObject[] {
  return Array.from({ length: count }, (_, n) => ({ deviceId: `d${n}`, tags: { parity: n % 2 } }))
}

function pages(text: string, source: JsonSource, maxItemCount: number): readonly QueryPage[] {
  const query = parseQuery(text)
  const all = [runQuery(query, source, { maxItemCount })]
  for (let token = all[0]?.continuation; token !== undefined && all.length < 20; token = all.at(-1)?.continuation) {
    all.push(runQuery(query, source, { maxItemCount, continuation: token }))
  }
  return all
}

describe('paging', () => {
  it.each([
    ['SELECT * FROM devices', 4, [4, 4, 2]],
    ['SELECT * FROM devices', 5, [5, 5]],
    ['SELECT * FROM devices', 10, [10]],
    ['SELECT TOP 7 * FROM devices', 3, [3, 3, 1]],
    ['SELECT TOP 6 * FROM devices', 3, [3, 3]],
    ['SELECT deviceId FROM devices WHERE tags.parity = 1', 2, [2, 2, 1]],
    ["SELECT deviceId FROM devices WHERE deviceId IN ['d9', 'd3', 'd5']", 2, [2, 1]],
    ['SELECT deviceId, COUNT() FROM devices GROUP BY deviceId', 4, [4, 4, 2]],
    ['SELECT TOP 5 deviceId, COUNT() FROM devices GROUP BY deviceId', 4, [4, 1]],
    ['SELECT * FROM devices WHERE false', 4, [0]],
  ])('%s in pages of %i', (text, maxItemCount, sizes) => {
    const source = new JsonSource({ devices: numbered(10) })
    const all = pages(text, source, maxItemCount)
    expect(all.map(page => page.items.length)).toEqual(sizes)
    expect(all.flatMap(page => page.items)).toEqual(rowsOf(text, source))
  })

  it('goes on behind the last row although rows before it are deleted', () => {
    const documents = numbered(6)
    const positions = new JsonSource({ devices: documents })
    const query = parseQuery('SELECT deviceId FROM devices')
    const { continuation } = runQuery(query, positions, { maxItemCount: 3 })
    const source = {
      documents: () => [...positions.documents('devices')].filter(document => document.position > '000001'),
      documentsOf: () => [],
    }
    const { items } = runQuery(query, source, { maxItemCount: 3, continuation })
    expect(items).toEqual([{ deviceId: 'd3' }, { deviceId: 'd4' }, { deviceId: 'd5' }])
  })

  it('takes a token twice, and with the query in another spelling', () => {
    const source = new JsonSource({ devices: numbered(4) })
    const { continuation } = runQuery(parseQuery('SELECT deviceId FROM devices'), source, { maxItemCount: 2 })
    const again = (text: string): QueryPage => runQuery(parseQuery(text), source, { maxItemCount: 2, continuation })
    expect(again('SELECT deviceId FROM devices')).toEqual(again('select  deviceId from DEVICES'))
  })

  it('refuses the token of another query, and what is no token', () => {
    const source = new JsonSource({ devices: numbered(4) })
    const query = parseQuery('SELECT deviceId FROM devices')
    const { continuation } = runQuery(query, source, { maxItemCount: 2 })
    const other = parseQuery('SELECT * FROM devices')
    const refused = expect.objectContaining({ status: 400, code: 'ArgumentInvalid' })
    expect(() => runQuery(other, source, { maxItemCount: 2, continuation })).toThrow(refused)
    const [owner] = JSON.parse(Buffer.from(continuation ?? '', 'base64url').toString())
    const forged = [[], {}, null, [owner], [owner, 1, 1], [owner, '', -1], [owner, '', 1.5], [owner, '', '1']]
    const tokens = forged.map(parts => Buffer.from(JSON.stringify(parts)).toString('base64url'))
    for (const token of ['', 'x', '%%%', 'bnVsbA', ...tokens]) {
      expect(() => runQuery(query, source, { maxItemCount: 2, continuation: token }), token).toThrow(refused)
    }
  })
})
