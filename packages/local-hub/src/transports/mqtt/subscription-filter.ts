import { type Subscription, subscriptions } from '../../hub-core/session/subscription.ts'

/** The topic filter by which a device asks for a kind of message (wire reference 1.11). */
export function topicFilterOf(subscription: Subscription, deviceId: string): string {
  switch (subscription) {
    case 'methods':
      return '$iothub/methods/POST/#'
    case 'twinResponses':
      return '$iothub/twin/res/#'
    case 'desiredProperties':
      return '$iothub/twin/PATCH/properties/desired/#'
    case 'cloudToDeviceMessages':
      return `devices/${deviceId}/messages/devicebound/#`
  }
}

/** The kind of message that a topic filter asks for; undefined when the hub does not know the filter. */
export function subscriptionOf(topicFilter: string, deviceId: string): Subscription | undefined {
  return subscriptions.find(subscription => topicFilterOf(subscription, deviceId) === topicFilter)
}
