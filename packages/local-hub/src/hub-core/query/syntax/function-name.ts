/** A function that may stand in an expression. */
export type FunctionName =
  | 'IS_DEFINED'
  | 'STARTSWITH'
  | 'ENDSWITH'
  | 'ARRAY_CONTAINS'
  | 'IS_NULL'
  | 'IS_BOOL'
  | 'IS_NUMBER'
  | 'IS_STRING'
  | 'IS_ARRAY'
  | 'IS_OBJECT'
  | 'IS_PRIMITIVE'
  | 'AS_NUMBER'
  | 'CONTAINS'
  | 'LENGTH'
  | 'LOWER'
  | 'UPPER'
  | 'SUBSTRING'
  | 'CONCAT'
  | 'INDEX_OF'
  | 'ABS'
  | 'EXP'
  | 'POWER'
  | 'SQUARE'
  | 'CEILING'
  | 'FLOOR'
  | 'SIGN'
  | 'SQRT'

/**
 * The least and the most arguments of each function. Twin queries are documented to know `IS_DEFINED`, and witnessed to know
 * `STARTSWITH`, `ENDSWITH` (without underscore) and `ARRAY_CONTAINS`; the others are those of message routing, accepted here
 * because nobody has seen them refused (wire reference 5.3).
 */
export const argumentCounts: Readonly<Record<FunctionName, readonly [number, number]>> = {
  IS_DEFINED: [1, 1],
  STARTSWITH: [2, 2],
  ENDSWITH: [2, 2],
  ARRAY_CONTAINS: [2, 2],
  IS_NULL: [1, 1],
  IS_BOOL: [1, 1],
  IS_NUMBER: [1, 1],
  IS_STRING: [1, 1],
  IS_ARRAY: [1, 1],
  IS_OBJECT: [1, 1],
  IS_PRIMITIVE: [1, 1],
  AS_NUMBER: [1, 1],
  CONTAINS: [2, 2],
  LENGTH: [1, 1],
  LOWER: [1, 1],
  UPPER: [1, 1],
  SUBSTRING: [2, 3],
  CONCAT: [2, Infinity],
  INDEX_OF: [2, 2],
  ABS: [1, 1],
  EXP: [1, 1],
  POWER: [2, 2],
  SQUARE: [1, 1],
  CEILING: [1, 1],
  FLOOR: [1, 1],
  SIGN: [1, 1],
  SQRT: [1, 1],
}

/** Whether there is such a function; the name in upper case. */
export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(argumentCounts, name)
}
