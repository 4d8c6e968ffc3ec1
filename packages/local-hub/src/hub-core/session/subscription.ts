/** The kinds of message that a device can ask the hub to send it. */
export const subscriptions = ['methods', 'twinResponses', 'desiredProperties', 'cloudToDeviceMessages'] as const

/** One kind of message that a device asked for. */
export type Subscription = (typeof subscriptions)[number]
