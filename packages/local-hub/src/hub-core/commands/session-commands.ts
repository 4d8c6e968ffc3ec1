import type { CancelTimeout } from '../clock/clock.ts'
import type { HubState } from '../hub-state.ts'
import { type IdentityKey, identityName } from '../identity/identity-key.ts'
import type { CloseManner, CloseReason, DeviceConnection } from '../session/device-connection.ts'
import type { SessionOpening } from '../session/session-store.ts'
import type { Subscription, SubscriptionQos } from '../session/subscription.ts'
import type { CloudToDeviceCommands } from './cloud-to-device-commands.ts'

/** How an authenticated device connects. */
export interface ConnectRequest extends SessionOpening {
  /** When its token ends, milliseconds since 1970; the hub then closes the connection. Undefined without a token. */
  readonly expiresAtInMs: number | undefined
}

/** Connections and subscriptions. Transports report what clients do; the hub may close a connection at any time. */
export class SessionCommands {
  readonly #state: HubState
  readonly #messages: CloudToDeviceCommands
  readonly #expiries = new Map<DeviceConnection, CancelTimeout>()

  constructor(state: HubState, messages: CloudToDeviceCommands) {
    this.#state = state
    this.#messages = messages
  }

  /** Makes this the only connection of its identity; an older one is closed (wire reference 1.9). */
  connect(connection: DeviceConnection, request: ConnectRequest): void {
    this.closeConnection(connection.identity, 'replaced')
    this.#state.sessions.attach(connection, request)
    if (request.expiresAtInMs !== undefined) this.#closeAt(connection, request.expiresAtInMs)
    this.#state.events.emit({ type: 'deviceConnected', ...identityName(connection.identity) })
    this.#deliver(connection)
  }

  /** Notes that a connection is gone. Ignored when the hub has already ended it. */
  disconnect(connection: DeviceConnection, reason: CloseReason): void {
    if (!this.#state.sessions.detach(connection)) return
    this.#expiries.get(connection)?.()
    this.#expiries.delete(connection)
    this.#state.methodCalls.connectionLost(connection)
    this.#messages.connectionLost(connection)
    this.#state.events.emit({ type: 'deviceDisconnected', ...identityName(connection.identity), reason })
  }

  /** Closes the connection of an identity, if it has one. */
  closeConnection(key: IdentityKey, reason: CloseReason, manner: CloseManner = 'fin'): void {
    const connection = this.#state.sessions.connectionOf(key)
    if (connection !== undefined) this.#close(connection, reason, manner)
  }

  closeAll(reason: CloseReason, manner: CloseManner = 'fin'): void {
    for (const connection of this.#state.sessions.connections()) this.#close(connection, reason, manner)
  }

  connectedCount(): number {
    return this.#state.sessions.connections().length
  }

  subscribe(connection: DeviceConnection, subscription: Subscription, qos: SubscriptionQos = 1): void {
    if (this.#state.sessions.connectionOf(connection.identity) !== connection) return
    this.#state.sessions.subscribe(connection.identity, subscription, qos)
    this.#state.events.emit({ type: 'deviceSubscribed', ...identityName(connection.identity), subscription })
    this.#deliver(connection)
  }

  unsubscribe(connection: DeviceConnection, subscription: Subscription): void {
    if (this.#state.sessions.connectionOf(connection.identity) !== connection) return
    this.#state.sessions.unsubscribe(connection.identity, subscription)
    this.#state.events.emit({ type: 'deviceUnsubscribed', ...identityName(connection.identity), subscription })
  }

  isSubscribed(connection: DeviceConnection, subscription: Subscription): boolean {
    return this.#state.sessions.subscriberOf(connection.identity, subscription) === connection
  }

  /** With how much care an identity wants to get a kind of message; undefined when it does not. */
  qosOf(key: IdentityKey, subscription: Subscription): SubscriptionQos | undefined {
    return this.#state.sessions.qosOf(key, subscription)
  }

  /** What the hub keeps for an identity between connections. */
  subscriptionsOf(key: IdentityKey): readonly Subscription[] {
    return this.#state.sessions.subscriptionsOf(key)
  }

  /** Forgets what an identity is subscribed to, as a hub does that lost its session. */
  loseSession(key: IdentityKey): void {
    this.#state.sessions.forgetSubscriptions(key)
  }

  /** Like {@link loseSession}, for every identity. */
  loseAllSessions(): void {
    this.#state.sessions.forgetAllSubscriptions()
  }

  #closeAt(connection: DeviceConnection, expiresAtInMs: number): void {
    const { clock } = this.#state
    const expire = (): void => this.#close(connection, 'tokenExpired')
    this.#expiries.set(connection, clock.setTimeout(expire, expiresAtInMs - clock.now()))
  }

  #close(connection: DeviceConnection, reason: CloseReason, manner: CloseManner = 'fin'): void {
    this.disconnect(connection, reason)
    connection.close(reason, manner)
  }

  /** Sends what waited for this connection or for its subscriptions. */
  #deliver(connection: DeviceConnection): void {
    if (this.isSubscribed(connection, 'methods')) this.#state.methodCalls.deliver(connection)
    if (this.isSubscribed(connection, 'cloudToDeviceMessages')) this.#messages.deliver(connection)
  }
}
