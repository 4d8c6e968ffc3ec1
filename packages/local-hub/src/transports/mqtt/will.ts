import type { IConnectPacket } from 'mqtt-packet'
import type { IdentityKey } from '../../hub-core/identity/identity-key.ts'
import { marked, parsePublishTopic, type TelemetryPublication } from './publish-topic.ts'

/** What a client wants to have published when it is gone without a farewell. */
export interface Will {
  readonly publication: TelemetryPublication
  readonly payload: Buffer
}

/** Reads a will; undefined when it is anything but telemetry at QoS 0 or 1 (wire reference 1.12). */
export function parseWill(will: NonNullable<IConnectPacket['will']>, identity: IdentityKey): Will | undefined {
  const publication = parsePublishTopic(will.topic, identity)
  if (publication?.kind !== 'telemetry' || will.qos === 2) return undefined
  return { publication: marked(publication, 'iothub-MessageType=Will'), payload: Buffer.from(will.payload) }
}
