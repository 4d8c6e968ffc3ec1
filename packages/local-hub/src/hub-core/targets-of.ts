import { deviceKey, type IdentityKey, moduleKey } from './identity/identity-key.ts'
import { matchingDocuments } from './query/execution/matching-documents.ts'
import type { QueryDocument, QuerySource } from './query/query-source.ts'
import type { Condition } from './query/syntax/query.ts'

/** The devices or modules that meet the condition of a configuration or a job, in order of creation. */
export function targetsOf(source: QuerySource, condition: Condition): readonly IdentityKey[] {
  return Array.from(matchingDocuments(source, condition), keyOf)
}

function keyOf(twin: QueryDocument): IdentityKey {
  const [deviceId, moduleId] = [twin.read(['deviceId']), twin.read(['moduleId'])]
  if (typeof deviceId !== 'string') throw new TypeError('a twin has no device id')
  return typeof moduleId === 'string' ? moduleKey(deviceId, moduleId) : deviceKey(deviceId)
}
