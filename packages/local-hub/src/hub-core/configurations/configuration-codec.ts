import type { DurableCodec } from '../durable/durable-table.ts'
import { JsonReader } from '../durable/read-json.ts'
import type { JsonObject } from '../json/json.ts'
import type { Configuration } from './configuration.ts'

/** How a configuration is stored. */
export const configurationCodec: DurableCodec<Configuration> = {
  encode: configuration => ({ ...configuration }),
  decode: value => {
    const configuration = new JsonReader(value)
    return {
      id: configuration.string('id'),
      schemaVersion: configuration.stringOrNull('schemaVersion'),
      labels: configuration.objectOrNull('labels'),
      content: configuration.object('content'),
      contentType: configuration.stringOrNull('contentType'),
      targetCondition: configuration.string('targetCondition'),
      priority: configuration.number('priority'),
      metricQueries: readQueries(configuration.object('metricQueries')),
      createdAt: configuration.number('createdAt'),
      updatedAt: configuration.number('updatedAt'),
      version: configuration.number('version'),
    }
  },
}

function readQueries(queries: JsonObject): Readonly<Record<string, string>> {
  const reader = new JsonReader(queries)
  return Object.fromEntries(Object.keys(queries).map(name => [name, reader.string(name)]))
}
