import { numericErrorBody } from '../../hub-core/error/error-body.ts'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { identityName } from '../../hub-core/identity/identity-key.ts'
import { formatJson } from '../../hub-core/json/format-json.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { parseJson } from '../../hub-core/json/parse-json.ts'
import type { DeviceConnection } from '../../hub-core/session/device-connection.ts'
import type { Operation, OperationKind } from '../../hub-core/throttle/operation.ts'
import { hubTopic } from './hub-topic.ts'
import { parsePropertyBag } from './property-bag.ts'
import type { DevicePublication } from './publish-topic.ts'

/** A message from the hub to a device. */
export interface HubMessage {
  readonly topic: string
  readonly payload: string
}

/**
 * Carries out what a device published as soon as the hub takes it on, and returns the hub's reply, if there is one. A device gets
 * replies to its twin requests only, and only when it is subscribed to them.
 *
 * @throws HubError by the promise when the hub does not take a message on.
 */
export async function handlePublication(
  core: HubCore,
  connection: DeviceConnection,
  publication: DevicePublication,
  payload: Buffer,
): Promise<HubMessage | undefined> {
  switch (publication.kind) {
    case 'telemetry': {
      const operation = operationOf('telemetry', connection, payload)
      await core.operations.begin(operation)
      core.telemetry.receive(connection.identity, { payload, ...parsePropertyBag(publication.propertyBag) })
      await core.operations.finish(operation, { status: 204, responseSizeInBytes: 0 })
      return undefined
    }
    case 'methodResponse':
      core.methods.answer(connection, publication.requestId, publication.status, payload.toString())
      return undefined
    case 'twinGet':
    case 'reportedPatch': {
      const reply = await replyToTwinRequest(core, connection, publication, payload)
      return core.sessions.isSubscribed(connection, 'twinResponses') ? reply : undefined
    }
  }
}

type TwinPublication = Extract<DevicePublication, { readonly kind: 'twinGet' | 'reportedPatch' }>

/** An error is told twice, by status and by JSON body: some clients look at one, some at the other (wire reference 1.15). */
async function replyToTwinRequest(
  core: HubCore,
  connection: DeviceConnection,
  publication: TwinPublication,
  payload: Buffer,
): Promise<HubMessage> {
  const { requestId } = publication
  const name = identityName(connection.identity)
  const operation = operationOf(publication.kind === 'twinGet' ? 'twinRead' : 'twinUpdate', connection, payload)
  try {
    await core.operations.begin(operation)
    const reply = carryOut(core, connection, publication, payload)
    await core.operations.finish(operation, { status: 200, responseSizeInBytes: reply.payload.length })
    core.events.emit({ type: 'twinRequestAnswered', ...name, operation: operation.kind, status: 200 })
    return reply
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    core.events.emit({ type: 'twinRequestAnswered', ...name, operation: operation.kind, status: error.status })
    const body = numericErrorBody(error, core.occurrence())
    return { topic: hubTopic.twinResponse(error.status, requestId), payload: formatJson(body) }
  }
}

function carryOut(
  core: HubCore,
  { identity }: DeviceConnection,
  publication: TwinPublication,
  payload: Buffer,
): HubMessage {
  const { requestId } = publication
  if (publication.kind === 'twinGet') {
    return { topic: hubTopic.twinResponse(200, requestId), payload: formatJson(core.twins.readOwn(identity)) }
  }
  const version = core.twins.report(identity, parsePatch(payload), publication.expectedVersion)
  return { topic: hubTopic.reportedResponse(requestId, version), payload: '' }
}

function operationOf(kind: OperationKind, { identity }: DeviceConnection, payload: Buffer): Operation {
  return { kind, deviceId: identityName(identity).deviceId, requestSizeInBytes: payload.length }
}

function parsePatch(payload: Buffer): JsonValue {
  try {
    return parseJson(payload.toString())
  } catch {
    throw new HubError('ArgumentInvalid', 'The reported properties are not JSON, or nested too deep.')
  }
}
