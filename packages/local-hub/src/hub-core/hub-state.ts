import { authorityCodec, CertificateAuthorities } from './auth/certificate-authorities.ts'
import { Policies } from './auth/policy.ts'
import type { Clock } from './clock/clock.ts'
import { DeviceQueues } from './cloud-to-device/device-queues.ts'
import { FeedbackQueue } from './cloud-to-device/feedback-queue.ts'
import { feedbackRecord } from './cloud-to-device/feedback-record.ts'
import { configurationCodec } from './configurations/configuration-codec.ts'
import { ConfigurationRegistry, configurationLimit } from './configurations/configuration-registry.ts'
import { DurableMap } from './durable/durable-map.ts'
import { DurableState } from './durable/durable-state.ts'
import { EventStream } from './event/event-stream.ts'
import { Faults } from './faults/faults.ts'
import { deviceIdentityCodec } from './identity/identity-codec.ts'
import { IdentityRegistry } from './identity/identity-registry.ts'
import { ModuleRegistry } from './identity/module-registry.ts'
import { DeviceJobTable } from './jobs/device-job-table.ts'
import { jobCodec } from './jobs/job-codec.ts'
import { JobStore } from './jobs/job-store.ts'
import { MethodCalls } from './method/method-calls.ts'
import type { RandomSource } from './random-source.ts'
import { SessionStore } from './session/session-store.ts'
import { subscriptionSetCodec } from './session/subscription-set.ts'
import type { HubTier } from './throttle/hub-tier.ts'
import { Traffic } from './throttle/traffic.ts'
import { twinCodec } from './twin/twin-codec.ts'
import { TwinStore } from './twin/twin-store.ts'

/** Everything the hub knows, and what it takes from outside. Commands read and write it; nothing else does. */
export interface HubState {
  readonly clock: Clock
  readonly random: RandomSource
  readonly events: EventStream
  /** What outlives the hub. Rooms register their part here when they are made. */
  readonly durable: DurableState
  readonly policies: Policies
  /** Whose certificates devices may have. */
  readonly authorities: CertificateAuthorities
  readonly identities: IdentityRegistry
  readonly modules: ModuleRegistry
  readonly twins: TwinStore
  readonly configurations: ConfigurationRegistry
  readonly jobs: JobStore
  readonly sessions: SessionStore
  readonly methodCalls: MethodCalls
  /** Cloud-to-device messages. */
  readonly queues: DeviceQueues
  readonly feedback: FeedbackQueue
  readonly traffic: Traffic
  readonly faults: Faults
}

/** What the state is made with. */
export interface HubStateOptions {
  readonly clock: Clock
  readonly random: RandomSource
  /** The name of the hub, for the texts of errors. */
  readonly hubName: string
  /** Undefined: nothing is limited. */
  readonly tier?: HubTier | undefined
}

/** The state of a hub without devices. */
export function newHubState({ clock, random, hubName, tier }: HubStateOptions): HubState {
  const events = new EventStream()
  const durable = new DurableState()
  const feedback = new FeedbackQueue(clock)
  const queues = new DeviceQueues(clock, settled => {
    const { deviceId, message, outcome } = settled
    const record = feedbackRecord(settled, clock.now())
    if (record !== undefined) feedback.add(record)
    events.emit({ type: 'cloudToDeviceSettled', deviceId, messageId: message.messageId, outcome })
  })
  return {
    clock,
    random,
    events,
    durable,
    policies: new Policies(random, durable),
    authorities: new CertificateAuthorities(new DurableMap(durable, 'authorities', authorityCodec)),
    identities: new IdentityRegistry(clock, random, new DurableMap(durable, 'devices', deviceIdentityCodec)),
    modules: new ModuleRegistry(clock, random, durable),
    twins: new TwinStore(new DurableMap(durable, 'twins', twinCodec)),
    configurations: new ConfigurationRegistry(
      clock,
      configurationLimit(tier?.name),
      new DurableMap(durable, 'configurations', configurationCodec),
    ),
    jobs: new JobStore(clock, new DeviceJobTable(durable), new DurableMap(durable, 'jobs', jobCodec)),
    sessions: new SessionStore(clock, new DurableMap(durable, 'subscriptions', subscriptionSetCodec)),
    methodCalls: new MethodCalls(clock),
    queues,
    feedback,
    traffic: new Traffic({ clock, hubName, tier }),
    faults: new Faults(clock, events),
  }
}
