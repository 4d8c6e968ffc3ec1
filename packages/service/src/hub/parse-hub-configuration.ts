import { isJsonObject, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import type { ConfigurationQueryErrors, HubConfigurationReading } from './iot-hub.ts'
import { type HubCallSubject, invalidHubAnswer } from './to-hub-error.ts'

/**
 * Reads a hub configuration (wire reference 6.1). What was never set is null.
 *
 * @throws HubError with code `InvalidHubAnswer`
 */
export function parseHubConfiguration(subject: HubCallSubject, answer: JsonValue | undefined): HubConfigurationReading {
  if (!isJsonObject(answer)) throw invalidHubAnswer(subject, 'body: expected an object')
  const { id, etag, priority, targetCondition } = answer
  if (typeof id !== 'string' || typeof etag !== 'string') {
    throw invalidHubAnswer(subject, 'id and etag: expected strings')
  }
  const content = objectOf(answer.content)
  const metrics = objectOf(answer.metrics)
  const systemMetrics = objectOf(answer.systemMetrics)
  return {
    id,
    etag,
    priority: typeof priority === 'number' ? priority : 0,
    targetCondition: typeof targetCondition === 'string' ? targetCondition : '',
    deviceContent: objectOf(content.deviceContent),
    labels: membersOf(answer.labels, isText),
    metricQueries: membersOf(metrics.queries, isText),
    metricResults: membersOf(metrics.results, isNumber),
    systemMetricQueries: membersOf(systemMetrics.queries, isText),
    systemMetricResults: membersOf(systemMetrics.results, isNumber),
    createdTime: isText(answer.createdTimeUtc) ? answer.createdTimeUtc : undefined,
    lastUpdatedTime: isText(answer.lastUpdatedTimeUtc) ? answer.lastUpdatedTimeUtc : undefined,
  }
}

/** Reads the answer to a test of queries (wire reference 6.5). */
export function parseConfigurationQueryErrors(answer: JsonValue | undefined): ConfigurationQueryErrors {
  const { targetConditionError, customMetricQueryErrors } = objectOf(answer)
  return {
    targetCondition: isText(targetConditionError) && targetConditionError !== '' ? targetConditionError : undefined,
    metrics: membersOf(customMetricQueryErrors, isText),
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function membersOf<TMember extends JsonValue>(
  value: JsonValue | undefined,
  isMember: (member: JsonValue | undefined) => member is TMember,
): Readonly<Record<string, TMember>> {
  const members: Record<string, TMember> = {}
  for (const [key, member] of Object.entries(objectOf(value))) if (isMember(member)) members[key] = member
  return members
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string'
}

function isNumber(value: JsonValue | undefined): value is number {
  return typeof value === 'number'
}
