/** The topic filters that a device session lives on: direct methods, answers to twin requests, desired properties. */
export const subscriptions: readonly string[] = [
  '$iothub/methods/POST/#',
  '$iothub/twin/res/#',
  '$iothub/twin/PATCH/properties/desired/#',
]

/** What the topic of a message from the hub says. */
export type HubTopic =
  | { readonly kind: 'method'; readonly methodName: string; readonly requestId: string }
  | { readonly kind: 'twinAnswer'; readonly status: number; readonly requestId: string; readonly version?: number }
  | { readonly kind: 'desired'; readonly version?: number }

const methodTopic = /^\$iothub\/methods\/POST\/([^/]+)\/\?\$rid=([^&]+)/
const twinAnswerTopic = /^\$iothub\/twin\/res\/(\d+)\/\?(.*)$/
const desiredTopic = /^\$iothub\/twin\/PATCH\/properties\/desired\/\?(.*)$/

/**
 * Reads the topic of a message from the hub (wire reference 1.15 and 1.16).
 *
 * @returns undefined for a topic that is none of the hub's three kinds
 */
export function parseHubTopic(topic: string): HubTopic | undefined {
  const [, methodName, methodRequestId] = methodTopic.exec(topic) ?? []
  if (methodName !== undefined && methodRequestId !== undefined) {
    return { kind: 'method', methodName: decoded(methodName), requestId: methodRequestId }
  }
  const [, status, answerQuery] = twinAnswerTopic.exec(topic) ?? []
  if (status !== undefined && answerQuery !== undefined) {
    const { requestId, version } = parseQuery(answerQuery)
    return requestId === undefined ? undefined : { kind: 'twinAnswer', status: Number(status), requestId, ...version }
  }
  const [, desiredQuery] = desiredTopic.exec(topic) ?? []
  return desiredQuery === undefined ? undefined : { kind: 'desired', ...parseQuery(desiredQuery).version }
}

/** The topic that asks for the twin. */
export function twinReadTopic(requestId: string): string {
  return `$iothub/twin/GET/?$rid=${requestId}`
}

/** The topic that takes a merge patch of the reported properties. */
export function reportTopic(requestId: string): string {
  return `$iothub/twin/PATCH/properties/reported/?$rid=${requestId}`
}

/** The topic that answers a direct method. */
export function methodAnswerTopic(status: number, requestId: string): string {
  return `$iothub/methods/res/${status}/?$rid=${requestId}`
}

function parseQuery(query: string): { requestId: string | undefined; version: { version?: number } } {
  const parameters = new URLSearchParams(query)
  const version = Number(parameters.get('$version') ?? Number.NaN)
  return { requestId: parameters.get('$rid') ?? undefined, version: Number.isInteger(version) ? { version } : {} }
}

/** Some hubs percent-encode a method name, others send it raw. */
function decoded(methodName: string): string {
  try {
    return decodeURIComponent(methodName)
  } catch {
    return methodName
  }
}
