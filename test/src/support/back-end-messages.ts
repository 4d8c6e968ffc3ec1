import { isJsonObject } from '@iothub-dm/protocol'
import type { BackEndSettings } from './test-bench.ts'

/** What the back-end program does; travels as JSON in the environment variable {@link backEndTaskVariable}. */
export interface BackEndTask {
  readonly settings: BackEndSettings
  readonly deviceId: string
  readonly operationId: string
  /** From `serialize()`; without one the program begins a reboot. */
  readonly serialized?: string | undefined
}

/** Environment variable that holds the {@link BackEndTask}. */
export const backEndTaskVariable = 'TEST_BACK_END'

/** What the back-end program tells. */
export type BackEndMessage =
  /** It has a handle. */
  | { readonly type: 'following'; readonly serialized: string }
  /** The operation has succeeded. */
  | { readonly type: 'done'; readonly record: object }

/** Tells whether a message is one of the back-end program. */
export function isBackEndMessage(message: unknown): message is BackEndMessage {
  return isJsonObject(message) && (message.type === 'following' || message.type === 'done')
}
