import type { JsonObject } from '../src/hub-core/json/json.ts'
import { jsonDocument } from '../src/hub-core/query/json-document.ts'
import type { QueryDocument, QuerySource } from '../src/hub-core/query/query-source.ts'
import { runQuery } from '../src/hub-core/query/run-query.ts'
import type { Collection } from '../src/hub-core/query/syntax/query.ts'
import { parseQuery } from '../src/hub-core/query/syntax/query-parser.ts'

/** Documents of each collection, in order of creation. */
export type Documents = Readonly<Partial<Record<Collection, readonly JsonObject[]>>>

/** Makes documents a source, and counts how many it hands out. */
export class JsonSource implements QuerySource {
  readonly #documents: Documents
  handedOut = 0

  constructor(documents: Documents) {
    this.#documents = documents
  }

  *documents(collection: Collection): Iterable<QueryDocument> {
    for (const [index, document] of (this.#documents[collection] ?? []).entries()) {
      this.handedOut += 1
      yield jsonDocument(document, String(index).padStart(6, '0'))
    }
  }

  *documentsOf(collection: Collection, deviceId: string): Iterable<QueryDocument> {
    for (const [index, document] of (this.#documents[collection] ?? []).entries()) {
      if (document.deviceId !== deviceId) continue
      this.handedOut += 1
      yield jsonDocument(document, String(index).padStart(6, '0'))
    }
  }
}

/** All rows of a query over the {@link fleet}. */
export function rowsOf(query: string, source: QuerySource = new JsonSource(fleet)): readonly JsonObject[] {
  return runQuery(parseQuery(query), source, { maxItemCount: 1000 }).items
}

/** Four devices, three modules and three job outcomes that differ in what queries ask for. */
export const fleet: Documents = {
  devices: [
    {
      deviceId: 'cam-1',
      etag: 'AAAAAAAAAAE=',
      status: 'enabled',
      connectionState: 'Connected',
      lastActivityTime: '2026-01-02T10:00:00.0000000Z',
      cloudToDeviceMessageCount: 2,
      authenticationType: 'sas',
      version: 9,
      tags: {
        site: 'oslo',
        floor: 3,
        vip: true,
        note: null,
        group: 'a',
        'my-tag': 'x',
        'a b': 1,
        Größe: 5,
        region: { code: 'NO', zones: ['n1', 'n2'] },
        quote: `it's "so" \\ here`,
      },
      properties: {
        desired: { interval: 10, $metadata: { $lastUpdated: '2026-01-01T00:00:00.0000000Z' }, $version: 4 },
        reported: { interval: 10, battery: 0.5, firmware: '1.2', lastDesiredVersion: 4, $version: 5 },
      },
      capabilities: { iotEdge: true },
      configurations: { 'my-config': { status: 'Applied' } },
      parentScopes: ['ms-azure-iot-edge://e1-638'],
    },
    {
      deviceId: 'cam-2',
      status: 'enabled',
      connectionState: 'Disconnected',
      lastActivityTime: '2026-01-01T10:00:00.0000000Z',
      cloudToDeviceMessageCount: 0,
      version: 4,
      tags: { site: 'bergen', floor: -1, vip: false, group: 'b', region: { code: 'NO' } },
      properties: {
        desired: { interval: 20, $version: 2 },
        reported: { interval: 10, battery: 90, firmware: '1.10', $version: 2 },
      },
      capabilities: { iotEdge: false },
      configurations: { 'my-config': { status: 'Targeted' } },
    },
    {
      deviceId: 'pump-1',
      status: 'disabled',
      connectionState: 'Disconnected',
      lastActivityTime: '0001-01-01T00:00:00Z',
      cloudToDeviceMessageCount: 0,
      version: 3,
      tags: { site: 'Oslo', floor: '3', vip: 'true', group: 'a' },
      properties: { desired: { $version: 1 }, reported: { battery: null, $version: 2 } },
      capabilities: { iotEdge: false },
    },
    {
      deviceId: 'pump-2',
      status: 'enabled',
      connectionState: 'Disconnected',
      lastActivityTime: '0001-01-01T00:00:00Z',
      cloudToDeviceMessageCount: 0,
      version: 2,
      properties: { desired: { $version: 1 }, reported: { $version: 1 } },
      capabilities: { iotEdge: false },
    },
  ],
  'devices.modules': [
    {
      deviceId: 'cam-1',
      moduleId: '$edgeAgent',
      configurations: { base: { status: 'Applied' } },
      properties: {
        desired: { $version: 4 },
        reported: { lastDesiredVersion: 4, lastDesiredStatus: { code: 200 }, $version: 3 },
      },
    },
    { deviceId: 'cam-1', moduleId: 'lens', tags: { site: 'oslo' }, properties: { desired: {}, reported: {} } },
    { deviceId: 'cam-2', moduleId: 'lens', properties: { desired: {}, reported: {} } },
  ],
  'devices.jobs': [
    {
      deviceId: 'cam-1',
      jobId: 'j1',
      jobType: 'scheduleDeviceMethod',
      status: 'completed',
      createdDateTimeUtc: '2026-01-01T00:00:00.0000000Z',
      outcome: { deviceMethodResponse: { status: 200, payload: {} } },
    },
    {
      deviceId: 'cam-2',
      jobId: 'j1',
      jobType: 'scheduleDeviceMethod',
      status: 'failed',
      createdDateTimeUtc: '2026-01-01T00:00:00.0000000Z',
      error: { code: 'DeviceNotOnline', description: 'not online' },
    },
    {
      deviceId: 'cam-1',
      jobId: 'j2',
      jobType: 'scheduleUpdateTwin',
      status: 'pending',
      createdDateTimeUtc: '2026-01-03T00:00:00.0000000Z',
      outcome: { deviceMethodResponse: null },
    },
  ],
}
