import * as v from 'valibot'
import { type MethodDefinition, method } from '../contract/method.ts'
import type { OperationState } from '../operation/operation-state.ts'
import { operationState } from '../operation/operation-state.ts'
import type { Schema } from '../schema/standard-schema.ts'

/** Request of {@link cancelOperation}. */
export interface CancelOperationRequest {
  readonly operationId: string
}

/** Response of {@link cancelOperation}. */
export interface CancelOperationResponse {
  readonly operationId: string
  /** `cancelled`, or the state in which the operation still is while its handler winds up. */
  readonly state: OperationState
}

/** Name of the direct method that every agent answers. */
export const cancelOperationName = 'cancelOperation'

/** The direct method that every agent answers: asks an operation to end. */
export const cancelOperation: MethodDefinition<
  Schema<CancelOperationRequest>,
  Schema<CancelOperationResponse>
> = method({
  request: v.object({ operationId: v.string() }),
  response: v.object({ operationId: v.string(), state: v.picklist(Object.values(operationState)) }),
})
