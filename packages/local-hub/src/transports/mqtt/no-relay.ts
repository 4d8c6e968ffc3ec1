type Done = (() => void) | undefined

/**
 * Takes the place of the broker's message bus. A hub never relays what one client publishes to another, so nothing is ever
 * matched or delivered here; every message to a device is sent to that device directly.
 */
export const noRelay = {
  on: (_topic: string, _listener: unknown, done: Done): void => done?.(),
  removeListener: (_topic: string, _listener: unknown, done: Done): void => done?.(),
  emit: (_packet: unknown, done: Done): void => done?.(),
  close: (done: Done): void => done?.(),
} as const
