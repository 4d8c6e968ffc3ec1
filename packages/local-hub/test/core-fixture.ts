import { randomBytes } from 'node:crypto'
import { ManualClock } from '../src/hub-core/clock/manual-clock.ts'
import type { HubEvent } from '../src/hub-core/event/hub-event.ts'
import { HubCore, type HubCoreOptions } from '../src/hub-core/hub-core.ts'
import type { IdentityKey } from '../src/hub-core/identity/identity-key.ts'
import type { Subscription } from '../src/hub-core/session/subscription.ts'
import { RecordingConnection } from './recording-connection.ts'

/** A hub core on a clock that stands still, with the device `d1`. */
export interface CoreFixture {
  readonly core: HubCore
  readonly clock: ManualClock
  readonly events: HubEvent[]
  /** Connects `d1` for an hour, with these subscriptions. */
  readonly connect: (...subscriptions: readonly Subscription[]) => RecordingConnection
  /** Connects another device, or a module. */
  readonly connectAs: (key: IdentityKey, ...subscriptions: readonly Subscription[]) => RecordingConnection
}

export function coreFixture(options: Partial<HubCoreOptions> = {}): CoreFixture {
  const clock = new ManualClock(Date.UTC(2026, 0, 1))
  const core = new HubCore({ hostNames: ['hub.example'], clock, random: randomBytes, ...options })
  core.identities.put('d1', {}, { kind: 'none' })
  const events: HubEvent[] = []
  core.events.subscribe(event => events.push(event))
  const connectAs: CoreFixture['connectAs'] = (key, ...subscriptions) => {
    const connection = new RecordingConnection(key)
    core.sessions.connect(connection, { cleanSession: false, modelId: '', expiresAtInMs: clock.now() + 3_600_000 })
    for (const subscription of subscriptions) core.sessions.subscribe(connection, subscription)
    return connection
  }
  return { core, clock, events, connectAs, connect: (...subscriptions) => connectAs('d1', ...subscriptions) }
}
