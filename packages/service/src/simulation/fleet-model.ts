/** What a simulated fleet is like. Shares are of all devices, drawn by the seed; together they are at most 1. */
export interface FleetModel {
  readonly devices: number
  /** How long a device is at work, in milliseconds: evenly spread between the two. */
  readonly operationInMs: readonly [shortest: number, longest: number]
  /** Devices that fail. */
  readonly failing?: number | undefined
  /** Devices that refuse the request. */
  readonly refusing?: number | undefined
  /** Devices that accept, and are never heard of again. */
  readonly silent?: number | undefined
  /** Devices that are not connected. */
  readonly offline?: number | undefined
  /** Devices whose answer is lost, although they have begun. */
  readonly answerLost?: number | undefined
  /** How long queries lag behind the twins, in milliseconds. */
  readonly queryLagInMs?: number | undefined
  /** How long a call takes, in milliseconds. */
  readonly latencyInMs?: number | undefined
}

/** What a simulated device does when it is told to begin. */
export type DeviceFate = 'succeeds' | 'fails' | 'refuses' | 'goesSilent' | 'isOffline' | 'losesAnswer'

/** Draws the fate of one device. */
export function drawFate(model: FleetModel, random: () => number): DeviceFate {
  const shares: readonly (readonly [DeviceFate, number | undefined])[] = [
    ['fails', model.failing],
    ['refuses', model.refusing],
    ['goesSilent', model.silent],
    ['isOffline', model.offline],
    ['losesAnswer', model.answerLost],
  ]
  let rest = random()
  for (const [fate, share = 0] of shares) {
    if (rest < share) return fate
    rest -= share
  }
  return 'succeeds'
}
