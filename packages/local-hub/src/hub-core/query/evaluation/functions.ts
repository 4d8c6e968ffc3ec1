import { isJsonObject, type JsonValue } from '../../json/json.ts'
import { numberOf } from '../../json/written-number.ts'
import type { FunctionName } from '../syntax/function-name.ts'
import { finite } from './arithmetic.ts'
import { compare, isPrimitive } from './comparison.ts'

/** What a function makes of its arguments; undefined when they are not of the types it works on. */
export type QueryFunction = (values: readonly (JsonValue | undefined)[]) => JsonValue | undefined

/**
 * What the functions do (wire reference 5.3). The type checks always say true or false. `SUBSTRING` takes a start, counted from 0, and
 * an optional length; `INDEX_OF` says -1 where there is none; `AS_NUMBER` reads a decimal number from a string.
 */
export const queryFunctions: Readonly<Record<FunctionName, QueryFunction>> = {
  IS_DEFINED: ([value]) => value !== undefined,
  IS_NULL: ([value]) => value === null,
  IS_BOOL: ([value]) => typeof value === 'boolean',
  IS_NUMBER: ([value]) => typeof value === 'number',
  IS_STRING: ([value]) => typeof value === 'string',
  IS_ARRAY: ([value]) => Array.isArray(value),
  IS_OBJECT: ([value]) => isJsonObject(value),
  IS_PRIMITIVE: ([value]) => isPrimitive(value),
  AS_NUMBER: ([value]) => asNumber(value),
  ARRAY_CONTAINS: ([list, value]) =>
    Array.isArray(list) && value !== undefined
      ? list.some((element: JsonValue) => compare('=', numberOf(element) ?? element, value) === true)
      : undefined,
  STARTSWITH: onStrings((text, prefix) => text.startsWith(prefix)),
  ENDSWITH: onStrings((text, suffix) => text.endsWith(suffix)),
  CONTAINS: onStrings((text, part) => text.includes(part)),
  INDEX_OF: onStrings((text, part) => text.indexOf(part)),
  LENGTH: onStrings(text => text.length),
  LOWER: onStrings(text => text.toLowerCase()),
  UPPER: onStrings(text => text.toUpperCase()),
  CONCAT: onStrings((...texts) => texts.join('')),
  SUBSTRING: substring,
  ABS: onNumbers(Math.abs),
  EXP: onNumbers(Math.exp),
  POWER: onNumbers((base, exponent) => base ** exponent),
  SQUARE: onNumbers(value => value * value),
  CEILING: onNumbers(Math.ceil),
  FLOOR: onNumbers(Math.floor),
  SIGN: onNumbers(Math.sign),
  SQRT: onNumbers(Math.sqrt),
}

function onStrings(apply: (first: string, second: string, ...rest: readonly string[]) => JsonValue): QueryFunction {
  return values => {
    const texts = values.filter(value => typeof value === 'string')
    const [first = '', second = '', ...rest] = texts
    return texts.length === values.length ? apply(first, second, ...rest) : undefined
  }
}

function onNumbers(apply: (first: number, second: number) => number): QueryFunction {
  return values => {
    const numbers = values.filter(value => typeof value === 'number')
    const [first = 0, second = 0] = numbers
    return numbers.length === values.length ? finite(apply(first, second)) : undefined
  }
}

function asNumber(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value
  const isDecimal = typeof value === 'string' && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value)
  return isDecimal ? finite(Number(value)) : undefined
}

function substring([text, start, ...rest]: readonly (JsonValue | undefined)[]): string | undefined {
  const length = rest.length === 0 ? Infinity : rest[0]
  if (typeof text !== 'string' || typeof start !== 'number' || typeof length !== 'number') return undefined
  return start < 0 || length < 0 ? undefined : text.slice(start, start + length)
}
