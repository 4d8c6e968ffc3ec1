import { type IdentityKey, identityName } from '../../hub-core/identity/identity-key.ts'
import { type Subscription, subscriptions } from '../../hub-core/session/subscription.ts'

/** The topic filters by which a device or module asks for a kind of message (wire reference 1.11). None: it cannot. */
export function topicFiltersOf(subscription: Subscription, identity: IdentityKey): readonly string[] {
  const { deviceId, moduleId } = identityName(identity)
  switch (subscription) {
    case 'methods':
      return ['$iothub/methods/POST/#']
    case 'twinResponses':
      return ['$iothub/twin/res/#']
    case 'desiredProperties':
      return ['$iothub/twin/PATCH/properties/desired/#']
    case 'cloudToDeviceMessages':
      return moduleId === undefined ? [`devices/${deviceId}/messages/devicebound/#`] : []
    case 'moduleInputs': {
      const own = `devices/${deviceId}/modules/${moduleId}`
      return moduleId === undefined ? [] : [`${own}/inputs/#`, `${own}/#`]
    }
  }
}

/** The kind of message that a topic filter asks for; undefined when the hub does not know the filter. */
export function subscriptionOf(topicFilter: string, identity: IdentityKey): Subscription | undefined {
  return subscriptions.find(subscription => topicFiltersOf(subscription, identity).includes(topicFilter))
}
