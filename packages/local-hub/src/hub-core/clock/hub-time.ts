/** What the hub shows for a moment that has not come yet. */
export const neverTime = '0001-01-01T00:00:00Z'

/** A moment the way the hub writes it: ISO 8601 UTC with seven fraction digits (wire reference 3.2). */
export function formatHubTime(timeInMs: number): string {
  return new Date(timeInMs).toISOString().replace('Z', '0000Z')
}

/** Like {@link formatHubTime}, with {@link neverTime} for a moment that has not come. */
export function formatTimeOrNever(timeInMs: number | undefined): string {
  return timeInMs === undefined ? neverTime : formatHubTime(timeInMs)
}

const ticksPerMs = 10_000n
const unixEpochInMs = 62_135_596_800_000n

/** A moment in ticks of 100 ns since year 1, the form of a generation id (wire reference 8.1). */
export function toTicks(timeInMs: number): bigint {
  return (BigInt(Math.floor(timeInMs)) + unixEpochInMs) * ticksPerMs
}
