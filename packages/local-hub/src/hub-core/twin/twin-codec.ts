import type { DurableCodec } from '../durable/durable-table.ts'
import { JsonReader } from '../durable/read-json.ts'
import type { Twin } from './twin.ts'
import type { TwinSection } from './twin-section.ts'

/** How a twin is stored. */
export const twinCodec: DurableCodec<Twin> = {
  encode: ({ serviceWrites, tags, desired, reported, configurations }) => ({
    serviceWrites,
    tags,
    desired: { ...desired },
    reported: { ...reported },
    configurations,
  }),
  decode: value => {
    const twin = new JsonReader(value)
    return {
      serviceWrites: twin.number('serviceWrites'),
      tags: twin.object('tags'),
      desired: readSection(twin.reader('desired')),
      reported: readSection(twin.reader('reported')),
      configurations: twin.object('configurations'),
    }
  },
}

function readSection(section: JsonReader): TwinSection {
  return {
    properties: section.object('properties'),
    metadata: section.object('metadata'),
    version: section.number('version'),
  }
}
