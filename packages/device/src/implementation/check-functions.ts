/**
 * Checks the functions of an app when they are handed in: a hook such as `rollback` must not turn out to be missing on the day when it
 * is needed.
 *
 * @param what the functions are called in the error, as in `hooks.wipe`
 * @throws TypeError naming the function that is missing or is none
 */
export function checkFunctions<TFunctions extends object>(
  what: string,
  functions: TFunctions,
  required: readonly (keyof TFunctions & string)[],
  optional: readonly (keyof TFunctions & string)[] = [],
): void {
  if (typeof functions !== 'object' || functions === null) {
    throw new TypeError(`${what}: expected an object with ${required.join(', ')}, got ${kindOf(functions)}`)
  }
  for (const name of [...required, ...optional]) {
    const value = functions[name]
    if (typeof value === 'function' || (value === undefined && optional.includes(name))) continue
    throw new TypeError(`${what}.${name}: expected a function, got ${kindOf(value)}`)
  }
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}
