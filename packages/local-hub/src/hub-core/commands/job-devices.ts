import { HubError } from '../error/hub-error.ts'
import { HubQuerySource } from '../hub-query-source.ts'
import type { HubState } from '../hub-state.ts'
import { type IdentityKey, identityName } from '../identity/identity-key.ts'
import type { JobDevices } from '../jobs/job-parts.ts'
import { formatJson } from '../json/format-json.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import type { MethodResult } from '../method/method-calls.ts'
import { targetsOf } from '../targets-of.ts'
import type { OperationKind, OperationOutcome } from '../throttle/operation.ts'
import type { MethodCommands } from './method-commands.ts'
import type { TwinCommands } from './twin-commands.ts'

/** Does the work of jobs on devices and modules. It is counted as the work of jobs, and billed like that of a caller. */
export function jobDevices(state: HubState, twins: TwinCommands, methods: MethodCommands): JobDevices {
  const source = new HubQuerySource(state)
  return {
    targetsOf: condition => targetsOf(source, condition),
    perform: (key, work) => {
      const { deviceId } = identityName(key)
      state.traffic.assertQuota(work.type === 'scheduleDeviceMethod' ? 'directMethod' : 'twinUpdate')
      state.traffic.meter.count('jobDeviceOperation', 'accepted')
      state.faults.operations.beforeOperation({ kind: 'jobDeviceOperation', deviceId, requestSizeInBytes: 0 })
      if (work.type === 'scheduleDeviceMethod') return invokeMethod(state, methods, key, work.cloudToDeviceMethod)
      twins.patch(key, work.updateTwin, { kind: 'any' })
      bill(state, 'twinUpdate', work.updateTwin, { status: 200, responseSizeInBytes: 0 })
      return null
    },
  }
}

async function invokeMethod(
  state: HubState,
  methods: MethodCommands,
  key: IdentityKey,
  body: JsonObject,
): Promise<MethodResult> {
  try {
    const result = await methods.invoke(key, body)
    bill(state, 'directMethod', body, { status: 200, responseSizeInBytes: sizeOf(result.payload) })
    return result
  } catch (error) {
    const status = error instanceof HubError ? error.status : 500
    bill(state, 'directMethod', body, { status, responseSizeInBytes: 0 })
    throw error
  }
}

function bill({ traffic }: HubState, kind: OperationKind, request: JsonObject, outcome: OperationOutcome): void {
  traffic.finish({ kind, requestSizeInBytes: sizeOf(request) }, outcome)
}

function sizeOf(value: JsonValue): number {
  return Buffer.byteLength(formatJson(value))
}
