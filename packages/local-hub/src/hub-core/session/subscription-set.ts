import type { DurableCodec } from '../durable/durable-table.ts'
import { JsonReader } from '../durable/read-json.ts'
import { type Subscription, type SubscriptionQos, subscriptions } from './subscription.ts'

/** What an identity is subscribed to. */
export type SubscriptionSet = ReadonlyMap<Subscription, SubscriptionQos>

/** How it is stored: clients do not subscribe again when a hub comes back (wire reference 0.3). */
export const subscriptionSetCodec: DurableCodec<SubscriptionSet> = {
  encode: set => Object.fromEntries(set),
  decode: value => {
    const stored = new JsonReader(value)
    return new Map(
      subscriptions.flatMap((subscription): [Subscription, SubscriptionQos][] => {
        const qos = stored.numberOrUndefined(subscription)
        return qos === undefined ? [] : [[subscription, qos === 0 ? 0 : 1]]
      }),
    )
  },
}
