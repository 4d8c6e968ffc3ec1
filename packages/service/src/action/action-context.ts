import type { Clock } from '../clock/clock.ts'
import type { IotHub } from '../hub/iot-hub.ts'
import type { OperationTracker } from '../tracking/operation-tracker.ts'

/** What the actions of all devices of a fleet share. */
export interface ActionContext {
  readonly hub: IotHub
  readonly tracker: OperationTracker
  readonly clock: Clock
  /** Makes an operation id. */
  readonly newId: () => string
  /** A number from 0 up to 1, for pauses. */
  readonly random: () => number
}
