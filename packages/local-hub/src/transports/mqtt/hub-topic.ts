/** The topics on which the hub publishes to a device (wire reference 1.15, 1.16). */
export const hubTopic = {
  methodRequest: (methodName: string, requestId: string): string =>
    `$iothub/methods/POST/${encodeMethodName(methodName)}/?$rid=${requestId}`,
  desiredPatch: (version: number): string => `$iothub/twin/PATCH/properties/desired/?$version=${version}`,
  twinResponse: (status: number, requestId: string): string => `$iothub/twin/res/${status}/?$rid=${requestId}`,
  reportedResponse: (requestId: string, version: number): string =>
    `$iothub/twin/res/204/?$rid=${requestId}&$version=${version}`,
} as const

/** Encodes what cannot stand in a topic segment; `*`, which Plug and Play commands contain, stays as it is. */
function encodeMethodName(name: string): string {
  return name.replace(/[^A-Za-z0-9\-._~!$&'()*,;=:@]/gu, encodeURIComponent)
}
