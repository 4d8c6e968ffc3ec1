/** A version: 1 to 4 numbers with dots, then what Semantic Versioning 2.0 allows: `-` a pre-release, `+` a build. */
const pattern =
  /^(?<numbers>\d{1,15}(?:\.\d{1,15}){0,3})(?:-(?<preRelease>[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/

/** Characters that a version may have. */
export const firmwareVersionLength = 64

/**
 * Tells whether a value is a version that can be compared: 1 to 4 numbers with dots, then, as in Semantic Versioning, a pre-release and a
 * build. Such a text is also safe as the name of a file.
 *
 * @example
 * ```ts
 * isFirmwareVersion('2.8.5-rc.1+build7') // true
 * isFirmwareVersion('../2.8.5') // false
 * ```
 */
export function isFirmwareVersion(value: unknown): value is string {
  return typeof value === 'string' && value.length <= firmwareVersionLength && pattern.test(value)
}

/**
 * Compares two versions by the rules of Semantic Versioning 2.0 (item 11): number by number, a missing one is 0; a pre-release comes
 * before its release; the build counts for nothing.
 *
 * @returns less than 0 when the left one is older, more than 0 when it is newer
 * @throws TypeError when one of them is no version
 * @example
 * ```ts
 * compareFirmwareVersions('1.10.0', '1.9.0') // more than 0
 * compareFirmwareVersions('1.2.3-rc1', '1.2.3') // less than 0
 * ```
 */
export function compareFirmwareVersions(left: string, right: string): number {
  const one = parse(left)
  const other = parse(right)
  for (let index = 0; index < 4; index += 1) {
    const difference = (one.numbers[index] ?? 0) - (other.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  return comparePreReleases(one.preRelease, other.preRelease)
}

interface Version {
  readonly numbers: readonly number[]
  /** Empty for a release. */
  readonly preRelease: readonly string[]
}

function parse(text: string): Version {
  const groups = isFirmwareVersion(text) ? pattern.exec(text)?.groups : undefined
  if (groups?.numbers === undefined) {
    throw new TypeError(`version: expected numbers with dots such as 2.8.5, got ${JSON.stringify(text)}`)
  }
  return { numbers: groups.numbers.split('.').map(Number), preRelease: groups.preRelease?.split('.') ?? [] }
}

function comparePreReleases(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const one = left[index]
    const other = right[index]
    if (one === undefined) return -1
    if (other === undefined) return 1
    const difference = compareIdentifiers(one, other)
    if (difference !== 0) return difference
  }
  return 0
}

/** Numbers by their value and before words, words by their characters. */
function compareIdentifiers(left: string, right: string): number {
  const [oneIsNumber, otherIsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)]
  if (oneIsNumber && otherIsNumber) {
    const [one, other] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')]
    return one.length - other.length || compareText(one, other)
  }
  if (oneIsNumber !== otherIsNumber) return oneIsNumber ? -1 : 1
  return compareText(left, right)
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
