import { IotHubDmError } from '@iothub-dm/protocol'

/** Thrown when the hub has no rollout of this id. */
export class RolloutNotFoundError extends IotHubDmError<'RolloutNotFound'> {
  override readonly name = 'RolloutNotFoundError'

  constructor(rolloutId: string) {
    super('RolloutNotFound', `there is no rollout '${rolloutId}'`)
  }
}

/** Thrown when the id of a rollout belongs to another plan, or to one of another action. */
export class RolloutConflictError extends IotHubDmError<'RolloutConflict'> {
  override readonly name = 'RolloutConflictError'

  constructor(rolloutId: string, reason: string) {
    super('RolloutConflict', `rollout '${rolloutId}' is another one: ${reason}`)
  }
}

/** Thrown when what the hub has of a rollout was changed by somebody else, or cannot be read. Nothing is started. */
export class RolloutDamagedError extends IotHubDmError<'RolloutDamaged'> {
  override readonly name = 'RolloutDamagedError'

  constructor(rolloutId: string, reason: string, cause?: unknown) {
    super('RolloutDamaged', `rollout '${rolloutId}' cannot be gone on with: ${reason}`, { cause })
  }
}

/** Thrown when a command makes no sense as the rollout is. */
export class RolloutCommandRefusedError extends IotHubDmError<'RolloutCommandRefused'> {
  override readonly name = 'RolloutCommandRefusedError'

  constructor(rolloutId: string, command: string, reason: string) {
    super('RolloutCommandRefused', `rollout '${rolloutId}' does not ${command}: ${reason}`)
  }
}
