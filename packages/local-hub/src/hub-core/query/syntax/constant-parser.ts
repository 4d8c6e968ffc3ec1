import { QueryError } from '../query-error.ts'
import { type Constant, type Literal, node } from './expression.ts'
import { assertNesting } from './nesting.ts'
import type { TokenCursor } from './token-cursor.ts'

/**
 * Parses the constants of a list in brackets. A list that starts with a list needs a space in between, since `[[` opens a name.
 *
 * @throws QueryError when something else than a constant stands there.
 */
export function parseConstants(cursor: TokenCursor, depth: number): readonly Constant[] {
  assertNesting(cursor, depth)
  const elements: Constant[] = []
  cursor.expectSymbol('[')
  if (cursor.takeSymbol(']')) return elements
  do {
    elements.push(parseConstant(cursor, depth + 1))
  } while (cursor.takeSymbol(','))
  cursor.expectSymbol(']')
  return elements
}

/** Parses a number, a string, `true`, `false`, `null` or `undefined`, if one comes next. */
export function parseLiteral(cursor: TokenCursor): Literal | undefined {
  if (cursor.isSymbol('-') && cursor.peek(1).kind === 'number') {
    cursor.take()
    return node({ kind: 'literal', value: -parseNumber(cursor) })
  }
  const { kind, text } = cursor.peek()
  if (kind === 'number') return node({ kind: 'literal', value: parseNumber(cursor) })
  if (kind === 'string') {
    cursor.take()
    return node({ kind: 'literal', value: text })
  }
  if (cursor.takeKeyword('TRUE')) return node({ kind: 'literal', value: true })
  if (cursor.takeKeyword('FALSE')) return node({ kind: 'literal', value: false })
  if (cursor.takeKeyword('NULL')) return node({ kind: 'literal', value: null })
  if (cursor.takeKeyword('UNDEFINED')) return node({ kind: 'literal', value: undefined })
  return undefined
}

function parseConstant(cursor: TokenCursor, depth: number): Constant {
  if (cursor.isSymbol('[')) return node({ kind: 'array', elements: parseConstants(cursor, depth) })
  const literal = parseLiteral(cursor)
  if (literal === undefined) throw cursor.unexpected('a constant')
  return literal
}

function parseNumber(cursor: TokenCursor): number {
  const { text, position } = cursor.take()
  const value = Number(text)
  if (!Number.isFinite(value)) throw new QueryError('a number is too large', position)
  return value
}
