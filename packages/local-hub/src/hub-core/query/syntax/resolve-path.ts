import type { PathExpression } from './expression.ts'
import type { Collection } from './query.ts'

/** The way to a value from the root of a document, in the spelling of the document. */
export type Path = readonly string[]

const twinNames = [
  'deviceId',
  'moduleId',
  'etag',
  'deviceEtag',
  'status',
  'statusReason',
  'statusUpdateTime',
  'connectionState',
  'lastActivityTime',
  'cloudToDeviceMessageCount',
  'authenticationType',
  'x509Thumbprint',
  'modelId',
  'version',
  'tags',
  'properties',
  'capabilities',
  'configurations',
  'deviceScope',
  'parentScopes',
]
const jobNames = [
  'deviceId',
  'moduleId',
  'jobId',
  'jobType',
  'status',
  'startTimeUtc',
  'endTimeUtc',
  'createdDateTimeUtc',
  'lastUpdatedDateTimeUtc',
  'outcome',
  'error',
]

const rootNames: Readonly<Record<Collection, ReadonlyMap<string, string>>> = {
  devices: byLowerCase(twinNames),
  'devices.modules': byLowerCase(twinNames),
  // The guide to job queries writes `createdTimeUtc` for what the rows call `createdDateTimeUtc`.
  'devices.jobs': byLowerCase(jobNames).set('createdtimeutc', 'createdDateTimeUtc'),
}
const innerNames: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['properties', byLowerCase(['desired', 'reported'])],
  ['capabilities', byLowerCase(['iotEdge'])],
])

/**
 * The path without the name of the collection in front (`devices.`, also where modules or jobs are queried), and with the fixed
 * names of a document in their own spelling, since these are case-insensitive. Keys that people choose stay as they are (wire
 * reference 5.2).
 */
export function resolvePath(collection: Collection, { segments }: PathExpression): Path {
  const [root = '', inner, ...rest] = segments.slice(prefixLength(collection, segments))
  const rootName = rootNames[collection].get(root.toLowerCase()) ?? root
  if (inner === undefined) return [rootName]
  return [rootName, innerNames.get(rootName)?.get(inner.toLowerCase()) ?? inner, ...rest]
}

/** How many segments only name the collection. A path that has nothing else is left alone. */
function prefixLength(collection: Collection, segments: readonly string[]): number {
  const prefix = collection.split('.')
  const matching = segments.findIndex((segment, index) => segment.toLowerCase() !== prefix[index])
  return Math.max(matching, 0)
}

function byLowerCase(names: readonly string[]): Map<string, string> {
  return new Map(names.map(name => [name.toLowerCase(), name]))
}
