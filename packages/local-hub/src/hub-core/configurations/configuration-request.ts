import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import { wholeNumber } from '../json/whole-number.ts'
import { QueryError } from '../query/query-error.ts'
import { parseQuery } from '../query/syntax/query-parser.ts'
import type { ConfigurationSettings } from './configuration.ts'

const maxCustomMetrics = 5

/** What the body of a configuration PUT says. */
export interface ConfigurationRequest {
  readonly settings: ConfigurationSettings
  readonly content: JsonObject
}

/**
 * Reads the body of a configuration PUT. What the hub itself writes, and clients send back, is ignored: etag, times, system metrics,
 * results (wire reference 2.7, 6.1).
 *
 * @throws HubError 400 when a member does not have the expected form, an id is not the one of the path, the content is missing, or a
 * metric is not a query. What the content says and where it applies is not looked at.
 */
export function parseConfigurationRequest(body: JsonValue | undefined, id: string): ConfigurationRequest {
  if (!isJsonObject(body)) throw invalid('The body must be a configuration as a JSON object.')
  if ((memberOf(body, 'id') ?? id) !== id) throw invalid('id in the body must be the one in the path.')
  const content = memberOf(body, 'content')
  if (!isJsonObject(content)) throw new HubError('InvalidConfigurationContent', 'content must be an object.')
  const priority = wholeNumber(memberOf(body, 'priority') ?? 0)
  if (priority === undefined) throw invalid('priority must be a whole number, 0 or more.')
  const settings = {
    schemaVersion: textOrNull(body, 'schemaVersion'),
    labels: parseLabels(memberOf(body, 'labels') ?? null),
    contentType: textOrNull(body, 'contentType'),
    targetCondition: textOrNull(body, 'targetCondition') ?? '',
    priority,
    metricQueries: parseMetrics(memberOf(body, 'metrics') ?? {}),
  }
  return { settings, content }
}

function textOrNull(body: JsonObject, name: string): string | null {
  const value = memberOf(body, name) ?? null
  if (value !== null && typeof value !== 'string') throw invalid(`${name} must be a string.`)
  return value
}

function parseLabels(labels: JsonValue): JsonObject | null {
  if (labels === null) return null
  const isTexts = isJsonObject(labels) && Object.values(labels).every(label => typeof label === 'string')
  if (!isTexts) throw invalid('labels must be an object of strings.')
  return labels
}

function parseMetrics(metrics: JsonValue): Readonly<Record<string, string>> {
  const queries = isJsonObject(metrics) ? (memberOf(metrics, 'queries') ?? {}) : undefined
  if (!isJsonObject(queries)) throw invalidMetrics('metrics.queries must be an object of queries.')
  const entries = Object.entries(queries)
  if (entries.length > maxCustomMetrics) throw invalidMetrics(`At most ${maxCustomMetrics} custom metrics are allowed.`)
  return Object.fromEntries(entries.map(([name, query]) => [name, parseMetric(name, query)]))
}

function parseMetric(name: string, query: JsonValue): string {
  const problem = typeof query === 'string' ? metricProblem(query) : 'expected a string'
  if (problem !== undefined || typeof query !== 'string') {
    throw invalidMetrics(`The query of metric '${name}' is invalid: ${problem}`)
  }
  return query
}

/** What is wrong with the query of a custom metric; undefined when nothing is. */
export function metricProblem(query: string): string | undefined {
  try {
    parseQuery(query)
    return undefined
  } catch (error) {
    if (error instanceof QueryError) return error.message
    throw error
  }
}

function invalidMetrics(message: string): HubError {
  return new HubError('InvalidConfigurationCustomMetricsQuery', message)
}

function invalid(message: string): HubError {
  return new HubError('ArgumentInvalid', message)
}
