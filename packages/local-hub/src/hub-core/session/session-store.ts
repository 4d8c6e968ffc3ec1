import type { Clock } from '../clock/clock.ts'
import type { IdentityKey } from '../identity/identity-key.ts'
import type { DeviceConnection } from './device-connection.ts'
import { neverConnected, type Presence } from './presence.ts'
import type { Subscription, SubscriptionQos } from './subscription.ts'

/** How a device opens its session. */
export interface SessionOpening {
  /** True when the device asks for a session that starts empty and ends with the connection. */
  readonly cleanSession: boolean
  readonly modelId: string
}

interface Session {
  readonly subscriptions: Map<Subscription, SubscriptionQos>
  connection: DeviceConnection | undefined
  endsWithConnection: boolean
  presence: Presence
}

/** Who is connected, and what each identity is subscribed to, also while it is away (wire reference 1.7). */
export class SessionStore {
  readonly #clock: Clock
  readonly #sessions = new Map<IdentityKey, Session>()

  constructor(clock: Clock) {
    this.#clock = clock
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
    return [...(this.#sessions.get(key)?.subscriptions.keys() ?? [])]
  }

  /** The open connection of an identity, if it is subscribed to this kind of message. */
  subscriberOf(key: IdentityKey, subscription: Subscription): DeviceConnection | undefined {
    const session = this.#sessions.get(key)
    return session?.subscriptions.has(subscription) ? session.connection : undefined
  }

  /** Makes this the connection of its identity. A former one must have been detached. */
  attach(connection: DeviceConnection, opening: SessionOpening): void {
    const session = this.#sessionOf(connection.identity)
    if (opening.cleanSession) session.subscriptions.clear()
    session.connection = connection
    session.endsWithConnection = opening.cleanSession
    this.#recordChange(session, true, opening.modelId)
  }

  /** Ends the connection; returns false when it was not (or no longer) the one of its identity. */
  detach(connection: DeviceConnection): boolean {
    const session = this.#sessions.get(connection.identity)
    if (session?.connection !== connection) return false
    session.connection = undefined
    if (session.endsWithConnection) session.subscriptions.clear()
    this.#recordChange(session, false, session.presence.modelId)
    return true
  }

  subscribe(key: IdentityKey, subscription: Subscription, qos: SubscriptionQos): void {
    this.#sessionOf(key).subscriptions.set(subscription, qos)
  }

  qosOf(key: IdentityKey, subscription: Subscription): SubscriptionQos | undefined {
    return this.#sessions.get(key)?.subscriptions.get(subscription)
  }

  unsubscribe(key: IdentityKey, subscription: Subscription): void {
    this.#sessions.get(key)?.subscriptions.delete(subscription)
  }

  /** Notes that the identity sent something. */
  touch(key: IdentityKey): void {
    const session = this.#sessions.get(key)
    if (session !== undefined) session.presence = { ...session.presence, lastActivityAt: this.#clock.now() }
  }

  forgetSubscriptions(key: IdentityKey): void {
    this.#sessions.get(key)?.subscriptions.clear()
  }

  forgetAllSubscriptions(): void {
    for (const { subscriptions } of this.#sessions.values()) subscriptions.clear()
  }

  delete(key: IdentityKey): void {
    this.#sessions.delete(key)
  }

  #sessionOf(key: IdentityKey): Session {
    let session = this.#sessions.get(key)
    if (session === undefined) {
      session = { subscriptions: new Map(), connection: undefined, endsWithConnection: false, presence: neverConnected }
      this.#sessions.set(key, session)
    }
    return session
  }

  #recordChange(session: Session, connected: boolean, modelId: string): void {
    const now = this.#clock.now()
    session.presence = { connected, connectionChangedAt: now, lastActivityAt: now, modelId }
  }
}
