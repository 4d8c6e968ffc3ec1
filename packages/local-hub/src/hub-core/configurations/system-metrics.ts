import type { ContentKind } from './configuration-content.ts'

/** What is needed of a configuration to ask for its metrics. */
export interface MetricSubject {
  readonly id: string
  readonly kind: ContentKind
  readonly targetCondition: string
}

/**
 * The queries of the metrics that the hub keeps by itself, in the words of the real service (wire reference 6.2). An empty one counts
 * nothing.
 */
export function systemMetricQueries(subject: MetricSubject): Readonly<Record<string, string>> {
  const targetedCount = targetedQuery(subject)
  const status = `configurations.[[${subject.id}]].status = 'Applied'`
  switch (subject.kind) {
    case 'device':
      return { targetedCount, appliedCount: `select deviceId from devices where ${status}` }
    case 'module':
      return { targetedCount, appliedCount: `select deviceId from devices.modules where ${status}` }
    case 'edge': {
      const appliedCount = `select deviceId from devices.modules where moduleId = '$edgeAgent' and ${status}`
      const reported = `${appliedCount} and properties.desired.$version = properties.reported.lastDesiredVersion and properties.reported.lastDesiredStatus.code`
      return {
        targetedCount,
        appliedCount,
        reportedSuccessfulCount: `${reported} = 200`,
        reportedFailedCount: `${reported} != 200`,
      }
    }
  }
}

function targetedQuery({ kind, targetCondition }: MetricSubject): string {
  const condition = targetCondition.trim()
  if (condition === '') return ''
  switch (kind) {
    case 'device':
      return condition === '*' ? 'select deviceId from devices' : `select deviceId from devices where ${condition}`
    case 'module':
      return `select deviceId ${condition}`
    case 'edge': {
      const edgeDevices = 'select deviceId from devices where capabilities.iotEdge = true'
      return condition === '*' ? edgeDevices : `${edgeDevices} and (${condition})`
    }
  }
}
