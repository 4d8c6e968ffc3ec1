import { formatHubTime } from '../clock/hub-time.ts'
import type { JsonObject } from '../json/json.ts'
import { type Configuration, configurationEtag } from './configuration.ts'
import type { MetricResults } from './metric-results.ts'
import { parseContent } from './parse-content.ts'
import { systemMetricQueries } from './system-metrics.ts'

/** A configuration as REST returns it (wire reference 6.1). */
export function configurationView(configuration: Configuration, results: MetricResults): JsonObject {
  const { id, schemaVersion, labels, content, contentType, targetCondition, priority } = configuration
  return {
    id,
    schemaVersion,
    labels,
    content,
    contentType,
    targetCondition,
    createdTimeUtc: formatHubTime(configuration.createdAt),
    lastUpdatedTimeUtc: formatHubTime(configuration.updatedAt),
    priority,
    systemMetrics: {
      results: results.system,
      queries: systemMetricQueries({ id, targetCondition, kind: parseContent(content).kind }),
    },
    metrics: { results: results.custom, queries: configuration.metricQueries },
    etag: configurationEtag(configuration),
  }
}
