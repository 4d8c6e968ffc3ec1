import type { OperationKind } from '../../hub-core/throttle/operation.ts'

interface Rule {
  /** Held against the pattern of the route, such as `/twins/:deviceId`. */
  readonly route: RegExp
  readonly kind: (method: string) => OperationKind
}

const always =
  (kind: OperationKind): Rule['kind'] =>
  () =>
    kind

/** The first rule that fits counts. Routes that none fits are not limited. */
const rules: readonly Rule[] = [
  { route: /^\/devices\/query$/i, kind: always('query') },
  { route: /^\/devices\/:\w+\/messages\/events$/i, kind: always('telemetry') },
  { route: /\/messages\/(devicebound|servicebound)/i, kind: always('cloudToDevice') },
  { route: /\/(methods|commands\/:\w+)$/i, kind: always('directMethod') },
  { route: /\/applyConfigurationContent$|^\/configurations/i, kind: always('configurationOperation') },
  { route: /^\/jobs/i, kind: always('jobOperation') },
  { route: /^\/(twins|digitaltwins)\//i, kind: method => (method === 'GET' ? 'twinRead' : 'twinUpdate') },
  { route: /^\/(devices|statistics)/i, kind: always('identityOperation') },
]

/** What a request counts as (IoT Hub quotas and throttling). */
export function operationKindOf(method: string, route: string): OperationKind | undefined {
  return rules.find(rule => rule.route.test(route))?.kind(method)
}
