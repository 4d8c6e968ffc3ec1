import type { Clock } from '../clock/clock.ts'
import type { IdentityKey } from '../identity/identity-key.ts'
import type { DeviceConnection } from './device-connection.ts'
import { neverConnected, type Presence } from './presence.ts'
import type { Subscription, SubscriptionQos } from './subscription.ts'
import type { SubscriptionSet } from './subscription-set.ts'

/** How a device opens its session. */
export interface SessionOpening {
  /** True when the device asks for a session that starts empty and ends with the connection. */
  readonly cleanSession: boolean
  readonly modelId: string
}

interface Session {
  connection: DeviceConnection | undefined
  endsWithConnection: boolean
  presence: Presence
}

/** Who is connected, and what each identity is subscribed to, also while it is away (wire reference 1.7). */
export class SessionStore {
  readonly #clock: Clock
  readonly #sessions = new Map<IdentityKey, Session>()
  readonly #subscriptions: Map<IdentityKey, SubscriptionSet>

  /** @param subscriptions where they are kept; none is empty. */
  constructor(clock: Clock, subscriptions: Map<IdentityKey, SubscriptionSet> = new Map()) {
    this.#clock = clock
    this.#subscriptions = subscriptions
  }

  connectionOf(key: IdentityKey): DeviceConnection | undefined {
    return this.#sessions.get(key)?.connection
  }

  /** The open connections of all identities. */
  connections(): readonly DeviceConnection[] {
    return [...this.#sessions.values()].flatMap(session => session.connection ?? [])
  }

  presenceOf(key: IdentityKey): Presence {
    return this.#sessions.get(key)?.presence ?? neverConnected
  }

  subscriptionsOf(key: IdentityKey): readonly Subscription[] {
    return [...(this.#subscriptions.get(key)?.keys() ?? [])]
  }

  /** The open connection of an identity, if it is subscribed to this kind of message. */
  subscriberOf(key: IdentityKey, subscription: Subscription): DeviceConnection | undefined {
    return this.#subscriptions.get(key)?.has(subscription) ? this.connectionOf(key) : undefined
  }

  /** Makes this the connection of its identity. A former one must have been detached. */
  attach(connection: DeviceConnection, opening: SessionOpening): void {
    const session = this.#sessionOf(connection.identity)
    if (opening.cleanSession) this.forgetSubscriptions(connection.identity)
    session.connection = connection
    session.endsWithConnection = opening.cleanSession
    this.#recordChange(session, true, opening.modelId)
  }

  /** Ends the connection; returns false when it was not (or no longer) the one of its identity. */
  detach(connection: DeviceConnection): boolean {
    const session = this.#sessions.get(connection.identity)
    if (session?.connection !== connection) return false
    session.connection = undefined
    if (session.endsWithConnection) this.forgetSubscriptions(connection.identity)
    this.#recordChange(session, false, session.presence.modelId)
    return true
  }

  subscribe(key: IdentityKey, subscription: Subscription, qos: SubscriptionQos): void {
    const current = this.#subscriptions.get(key)
    // Clients subscribe again at every connection.
    if (current?.get(subscription) === qos) return
    this.#subscriptions.set(key, new Map(current).set(subscription, qos))
  }

  qosOf(key: IdentityKey, subscription: Subscription): SubscriptionQos | undefined {
    return this.#subscriptions.get(key)?.get(subscription)
  }

  unsubscribe(key: IdentityKey, subscription: Subscription): void {
    const rest = [...(this.#subscriptions.get(key) ?? [])].filter(([each]) => each !== subscription)
    if (rest.length === 0) this.#subscriptions.delete(key)
    else this.#subscriptions.set(key, new Map(rest))
  }

  /** Notes that the identity sent something. */
  touch(key: IdentityKey): void {
    const session = this.#sessions.get(key)
    if (session !== undefined) session.presence = { ...session.presence, lastActivityAt: this.#clock.now() }
  }

  forgetSubscriptions(key: IdentityKey): void {
    this.#subscriptions.delete(key)
  }

  forgetAllSubscriptions(): void {
    this.#subscriptions.clear()
  }

  delete(key: IdentityKey): void {
    this.#sessions.delete(key)
    this.#subscriptions.delete(key)
  }

  #sessionOf(key: IdentityKey): Session {
    let session = this.#sessions.get(key)
    if (session === undefined) {
      session = { connection: undefined, endsWithConnection: false, presence: neverConnected }
      this.#sessions.set(key, session)
    }
    return session
  }

  #recordChange(session: Session, connected: boolean, modelId: string): void {
    const now = this.#clock.now()
    session.presence = { connected, connectionChangedAt: now, lastActivityAt: now, modelId }
  }
}
