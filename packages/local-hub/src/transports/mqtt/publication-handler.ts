import { numericErrorBody } from '../../hub-core/error/error-body.ts'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import type { DeviceConnection } from '../../hub-core/session/device-connection.ts'
import { hubTopic } from './hub-topic.ts'
import { parsePropertyBag } from './property-bag.ts'
import type { DevicePublication } from './publish-topic.ts'

/** A message from the hub to a device. */
export interface HubMessage {
  readonly topic: string
  readonly payload: string
}

/**
 * Carries out what a device published, and returns the hub's reply, if there is one. A device gets replies to its twin requests
 * only, and only when it is subscribed to them.
 */
export function handlePublication(
  core: HubCore,
  connection: DeviceConnection,
  publication: DevicePublication,
  payload: Buffer,
): HubMessage | undefined {
  switch (publication.kind) {
    case 'telemetry':
      core.telemetry.receive(connection.identity, { payload, ...parsePropertyBag(publication.propertyBag) })
      return undefined
    case 'methodResponse':
      core.methods.answer(connection, publication.requestId, publication.status, payload.toString())
      return undefined
    case 'twinGet':
    case 'reportedPatch': {
      const reply = replyToTwinRequest(core, connection, publication, payload)
      return core.sessions.isSubscribed(connection, 'twinResponses') ? reply : undefined
    }
  }
}

type TwinPublication = Extract<DevicePublication, { readonly kind: 'twinGet' | 'reportedPatch' }>

/** An error is told twice, by status and by JSON body: some clients look at one, some at the other (wire reference 1.15). */
function replyToTwinRequest(
  core: HubCore,
  connection: DeviceConnection,
  publication: TwinPublication,
  payload: Buffer,
): HubMessage {
  const { requestId } = publication
  try {
    if (publication.kind === 'twinGet') {
      const twin = core.twins.readOwn(connection.identity)
      return { topic: hubTopic.twinResponse(200, requestId), payload: JSON.stringify(twin) }
    }
    const version = core.twins.report(connection.identity, parsePatch(payload), publication.expectedVersion)
    return { topic: hubTopic.reportedResponse(requestId, version), payload: '' }
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    const body = numericErrorBody(error, core.occurrence())
    return { topic: hubTopic.twinResponse(error.status, requestId), payload: JSON.stringify(body) }
  }
}

function parsePatch(payload: Buffer): JsonValue {
  try {
    return JSON.parse(payload.toString())
  } catch {
    throw new HubError('ArgumentInvalid', 'The reported properties are not JSON.')
  }
}
