/** A command line that cannot be understood. The text is for the user. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}
