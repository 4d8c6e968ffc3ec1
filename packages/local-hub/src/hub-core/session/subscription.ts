/** The kinds of message that a device can ask the hub to send it. */
export const subscriptions = [
  'methods',
  'twinResponses',
  'desiredProperties',
  /** Devices only. */
  'cloudToDeviceMessages',
  /** Modules only: what an edge hub routes to them. The hub itself has nothing for it. */
  'moduleInputs',
] as const

/**
 * Whether the device acknowledges what it gets by this subscription (1) or not (0). Only cloud-to-device messages know the
 * difference.
 */
export type SubscriptionQos = 0 | 1

/** One kind of message that a device asked for. */
export type Subscription = (typeof subscriptions)[number]
