import { holdsSecret, type JsonObject } from '@iothub-dm/protocol'
import type { OperationLog } from './operation-log.ts'
import type { OperationStore } from './operation-store.ts'
import type { RuntimeEnvironment } from './runtime-environment.ts'

/** One life of a handler, as the parts of its `op` share it. */
export interface Life {
  readonly operationId: string
  readonly signal: AbortSignal
  readonly store: OperationStore
  readonly environment: RuntimeEnvironment
  /** The secrets of the request now. */
  readonly secrets: () => JsonObject
}

/** What is known of the operation of a life. */
export function logOf({ store, operationId }: Pick<Life, 'store' | 'operationId'>): OperationLog {
  const log = store.get(operationId)
  if (log === undefined) throw new TypeError(`operation '${operationId}' is not known`)
  return log
}

/** @throws TypeError when a name is none, or would take a secret of the request into the journal */
export function checkName(life: Life, kind: string, name: unknown): void {
  if (typeof name !== 'string' || name === '') throw new TypeError(`${kind}: expected a name, got ${typeof name}`)
  if (holdsSecret(JSON.stringify(name), life.secrets())) {
    throw new TypeError(`${kind}: expected a name without a secret of the request`)
  }
}
