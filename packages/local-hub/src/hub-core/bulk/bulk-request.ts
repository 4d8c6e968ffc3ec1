import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'

/** How many lines a bulk operation may have (wire reference 8.4). */
export const maxBulkLines = 100

/** What a line asks for, in lower case: clients differ in how they write it. */
const importModes = [
  'create',
  'createorupdate',
  'createorupdateifmatchetag',
  'update',
  'updateifmatchetag',
  'delete',
  'deleteifmatchetag',
  'updatetwin',
  'updatetwinifmatchetag',
] as const

/** What a line asks for. */
export type ImportMode = (typeof importModes)[number]

/** One identity of a bulk operation. */
export interface BulkLine {
  readonly deviceId: string
  readonly moduleId: string | undefined
  readonly mode: ImportMode
  readonly etag: string | undefined
  readonly twinEtag: string | undefined
  /** The line in the form of the body of an identity PUT. */
  readonly identity: JsonObject
  /** The part of the line that goes into the twin, if there is one. */
  readonly twin: JsonObject | undefined
}

/** @throws HubError 400 when the body is not an array of objects, 413 for more than 100 of them. */
export function parseBulkRequest(body: JsonValue | undefined): readonly JsonObject[] {
  const lines = Array.isArray(body) ? body.filter(line => isJsonObject(line)) : []
  if (!Array.isArray(body) || lines.length !== body.length || lines.length === 0) {
    throw new HubError('ArgumentInvalid', 'The body must be an array of devices.')
  }
  if (lines.length > maxBulkLines) {
    throw new HubError('TooManyDevices', `The number of devices must not exceed ${maxBulkLines}.`)
  }
  return lines
}

/** @throws HubError 400 when the line has no id or no known import mode. */
export function parseBulkLine(line: JsonObject): BulkLine {
  const deviceId = optionalText(line, 'id')
  if (deviceId === undefined) throw new HubError('IotHubFormatError', 'A device has no id.')
  const members = ['tags', 'properties'].filter(name => Object.hasOwn(line, name))
  return {
    deviceId,
    moduleId: optionalText(line, 'moduleId'),
    mode: parseMode(line),
    // Node.js sends `etag`, the documentation and .NET say `eTag`.
    etag: optionalText(line, 'eTag') ?? optionalText(line, 'etag'),
    twinEtag: optionalText(line, 'twinETag'),
    identity: line,
    twin: members.length === 0 ? undefined : line,
  }
}

function parseMode(line: JsonObject): ImportMode {
  const text = optionalText(line, 'importMode')?.toLowerCase() ?? 'create'
  const mode = importModes.find(known => known === text)
  if (mode === undefined) throw new HubError('ArgumentInvalid', `importMode must be one of ${importModes.join(', ')}.`)
  return mode
}

function optionalText(line: JsonObject, name: string): string | undefined {
  const value = memberOf(line, name) ?? ''
  if (typeof value !== 'string') throw new HubError('ArgumentInvalid', `${name} must be a string.`)
  return value === '' ? undefined : value
}
