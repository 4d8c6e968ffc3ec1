/**
 * Reads the system's error code, such as `ENOSPC`, from a caught value.
 *
 * @param error anything that was caught
 * @returns the code, or undefined when the value carries none
 */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
