import { Readable } from 'node:stream'
import type { SessionCommands } from '../../hub-core/commands/session-commands.ts'
import { deviceKey } from '../../hub-core/identity/identity-key.ts'
import { topicFilterOf } from './subscription-filter.ts'

interface StoredSubscription {
  readonly topic: string
  readonly qos: 0
}

interface ClientId {
  readonly id: string
}

/**
 * The store that the MQTT broker asks for what it should remember. Sessions live in the hub core, which is therefore asked for
 * subscriptions; the rest is empty, because a hub retains no messages and never relays one client's message to another.
 */
export class SessionPersistence {
  readonly #sessions: SessionCommands

  constructor(sessions: SessionCommands) {
    this.#sessions = sessions
  }

  async setup(): Promise<void> {}

  async subscriptionsByClient({ id }: ClientId): Promise<readonly StoredSubscription[]> {
    return this.#sessions.subscriptionsOf(deviceKey(id)).map(each => ({ topic: topicFilterOf(each, id), qos: 0 }))
  }

  async addSubscriptions(): Promise<void> {}
  async removeSubscriptions(): Promise<void> {}
  async cleanSubscriptions(): Promise<void> {}
  async subscriptionsByTopic(): Promise<readonly StoredSubscription[]> {
    return []
  }

  async storeRetained(): Promise<void> {}
  createRetainedStreamCombi(): Readable {
    return Readable.from([])
  }

  async outgoingEnqueue(): Promise<void> {}
  async outgoingEnqueueCombi(): Promise<void> {}
  async outgoingUpdate(): Promise<void> {}
  async outgoingClearMessageId(): Promise<void> {}
  outgoingStream(): Readable {
    return Readable.from([])
  }

  async incomingGetPacket(): Promise<never> {
    throw new Error('the hub accepts no QoS 2 message')
  }

  async putWill(): Promise<void> {}
  async delWill(): Promise<void> {}
  streamWill(): Readable {
    return Readable.from([])
  }
}
