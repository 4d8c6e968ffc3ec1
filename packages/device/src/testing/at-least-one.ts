/** @throws RangeError that names the option, unless it is a count from 1 */
export function atLeastOne(option: string, value: number): number {
  if (!(Number.isSafeInteger(value) && value >= 1)) {
    throw new RangeError(`${option}: expected an integer from 1, got ${value}`)
  }
  return value
}
