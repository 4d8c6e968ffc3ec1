/**
 * Every error code that an iothub-dm package throws, with its meaning in one line. The codes are stable: compare them,
 * not messages or classes. `docs/errors.md` holds the same table; a test keeps the two in step.
 */
export const errorCodes = {
  InvalidContract: 'a contract definition breaks a rule of IoT Hub or of this library',
} as const satisfies Record<string, string>

/** A stable error code of an iothub-dm package. */
export type ErrorCode = keyof typeof errorCodes
