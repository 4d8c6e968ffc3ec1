const blockBytes = 4 * 1_024

/** How many times a call of this size counts: hubs meter and bill requests in blocks of 4 KB (IoT Hub quotas and throttling). */
export function requestBlocks(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / blockBytes))
}
