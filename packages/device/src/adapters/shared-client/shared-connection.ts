import type { MqttClient } from 'mqtt'
import { SharedMqttClient } from './shared-mqtt-client.ts'

/**
 * The agent's connection as the SDK's client of the program sees it: an MQTT server that is there whenever the agent has a session. A hub
 * takes one connection of a device, so telemetry and device management have to share it.
 */
export class SharedConnection {
  readonly #clients = new Set<SharedMqttClient>()
  /** What the program's client subscribed to; the SDK itself forgets some of it (trap 21). */
  readonly #filters = new Map<string, { readonly qos: 0 | 1 | 2 }>()
  #session: MqttClient | undefined

  /** The SDK's way to the network: called whenever the program's client connects. */
  connect(): SharedMqttClient {
    const client = new SharedMqttClient({
      subscribed: (filter, qos) => this.#filters.set(filter, { qos }),
      unsubscribed: filter => this.#filters.delete(filter),
      ended: () => this.#clients.delete(client),
    })
    this.#clients.add(client)
    const session = this.#session
    // Nobody listens to it yet.
    if (session !== undefined) queueMicrotask(() => session === this.#session && client.attach(session))
    return client
  }

  /** The agent has a session. */
  sessionBegan(session: MqttClient): void {
    this.#session = session
    if (this.#filters.size > 0) session.subscribe(Object.fromEntries(this.#filters))
    for (const client of this.#clients) client.attach(session)
  }

  /** The agent's session is over. */
  sessionEnded(): void {
    this.#session = undefined
    for (const client of this.#clients) client.detach()
  }
}
