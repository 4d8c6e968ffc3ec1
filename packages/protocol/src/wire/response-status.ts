/** The statuses with which a device answers a direct method. */
export const responseStatus = {
  /** The method answered, or the operation was over already. */
  ok: 200,
  /** The action is accepted and durable on the device. */
  accepted: 202,
  invalidPayload: 400,
  notFound: 404,
  /** Busy with another operation, the same id with another payload, or too late to cancel. */
  conflict: 409,
  expired: 410,
  /** The device has to be armed first. */
  notArmed: 428,
  /** More than the device takes on at a time. */
  tooMany: 429,
  failed: 500,
  /** Not ready, or not able to make the request durable. */
  unavailable: 503,
} as const
