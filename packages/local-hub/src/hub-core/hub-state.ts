import { Policies } from './auth/policy.ts'
import type { Clock } from './clock/clock.ts'
import { EventStream } from './event/event-stream.ts'
import { IdentityRegistry } from './identity/identity-registry.ts'
import { ModuleRegistry } from './identity/module-registry.ts'
import { MethodCalls } from './method/method-calls.ts'
import type { RandomSource } from './random-source.ts'
import { SessionStore } from './session/session-store.ts'
import { TwinStore } from './twin/twin-store.ts'

/** Everything the hub knows, and what it takes from outside. Commands read and write it; nothing else does. */
export interface HubState {
  readonly clock: Clock
  readonly random: RandomSource
  readonly events: EventStream
  readonly policies: Policies
  readonly identities: IdentityRegistry
  readonly modules: ModuleRegistry
  readonly twins: TwinStore
  readonly sessions: SessionStore
  readonly methodCalls: MethodCalls
}

/** The state of a hub without devices. */
export function newHubState(clock: Clock, random: RandomSource): HubState {
  return {
    clock,
    random,
    events: new EventStream(),
    policies: new Policies(random),
    identities: new IdentityRegistry(clock, random),
    modules: new ModuleRegistry(clock, random),
    twins: new TwinStore(),
    sessions: new SessionStore(clock),
    methodCalls: new MethodCalls(clock),
  }
}
