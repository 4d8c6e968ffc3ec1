import { callOf } from './call.ts'
import { parseConstants, parseLiteral } from './constant-parser.ts'
import {
  type ArithmeticOperator,
  type Binary,
  type ComparisonOperator,
  type Expression,
  type Logical,
  node,
} from './expression.ts'
import { assertNesting, assertTreeDepth } from './nesting.ts'
import { parsePath } from './path-parser.ts'
import type { TokenCursor } from './token-cursor.ts'

const comparisons: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['>', '>'],
  ['<=', '<='],
  ['>=', '>='],
])
const sums: ReadonlyMap<string, ArithmeticOperator> = new Map([
  ['+', '+'],
  ['-', '-'],
])
const products: ReadonlyMap<string, ArithmeticOperator> = new Map([
  ['*', '*'],
  ['/', '/'],
  ['%', '%'],
])

/**
 * Parses an expression. From tight to loose: minus sign, `* / %`, `+ -`, comparison and IN, NOT, AND, OR (wire reference 5.1).
 *
 * @throws QueryError where the text leaves the grammar, or nests too deep.
 */
export function parseExpression(cursor: TokenCursor): Expression {
  const { position } = cursor.peek()
  const expression = parseOr(cursor, 0)
  assertTreeDepth(expression, position)
  return expression
}

function parseOr(cursor: TokenCursor, depth: number): Expression {
  return parseLogical(cursor, depth, 'OR', parseAnd)
}

function parseAnd(cursor: TokenCursor, depth: number): Expression {
  return parseLogical(cursor, depth, 'AND', parseNot)
}

type OperandParser = (cursor: TokenCursor, depth: number) => Expression

function parseLogical(
  cursor: TokenCursor,
  depth: number,
  operator: Logical['operator'],
  parseOperand: OperandParser,
): Expression {
  const first = parseOperand(cursor, depth)
  const operands = [first]
  while (cursor.takeKeyword(operator)) operands.push(parseOperand(cursor, depth))
  return operands.length === 1 ? first : node({ kind: 'logical', operator, operands })
}

function parseNot(cursor: TokenCursor, depth: number): Expression {
  assertNesting(cursor, depth)
  if (!cursor.takeKeyword('NOT')) return parseComparison(cursor, depth)
  return node({ kind: 'unary', operator: 'NOT', operand: parseNot(cursor, depth + 1) })
}

function parseComparison(cursor: TokenCursor, depth: number): Expression {
  let left = parseSum(cursor, depth)
  for (;;) {
    const operator = takeOperator(cursor, comparisons)
    if (operator !== undefined) {
      left = node({ kind: 'binary', operator, left, right: parseSum(cursor, depth) })
    } else if (cursor.takeKeyword('IN')) {
      left = node({ kind: 'membership', operator: 'IN', operand: left, elements: parseConstants(cursor, depth) })
    } else if (cursor.takeKeyword('NIN')) {
      left = node({ kind: 'membership', operator: 'NIN', operand: left, elements: parseConstants(cursor, depth) })
    } else {
      return left
    }
  }
}

function parseSum(cursor: TokenCursor, depth: number): Expression {
  return parseArithmetic(cursor, depth, sums, parseProduct)
}

function parseProduct(cursor: TokenCursor, depth: number): Expression {
  return parseArithmetic(cursor, depth, products, parseSigned)
}

function parseArithmetic(
  cursor: TokenCursor,
  depth: number,
  operators: ReadonlyMap<string, Binary['operator']>,
  parseOperand: OperandParser,
): Expression {
  let left = parseOperand(cursor, depth)
  for (;;) {
    const operator = takeOperator(cursor, operators)
    if (operator === undefined) return left
    left = node({ kind: 'binary', operator, left, right: parseOperand(cursor, depth) })
  }
}

function parseSigned(cursor: TokenCursor, depth: number): Expression {
  assertNesting(cursor, depth)
  const literal = parseLiteral(cursor)
  if (literal !== undefined) return literal
  if (!cursor.takeSymbol('-')) return parsePrimary(cursor, depth)
  return node({ kind: 'unary', operator: '-', operand: parseSigned(cursor, depth + 1) })
}

function parsePrimary(cursor: TokenCursor, depth: number): Expression {
  if (cursor.isSymbol('[')) return node({ kind: 'array', elements: parseConstants(cursor, depth) })
  if (cursor.takeSymbol('(')) {
    const inner = parseOr(cursor, depth + 1)
    cursor.expectSymbol(')')
    return inner
  }
  const { kind, text, position } = cursor.peek()
  if (kind === 'name' && cursor.isSymbol('(', 1)) {
    cursor.take()
    return callOf(text, parseArguments(cursor, depth + 1), position)
  }
  if (kind !== 'name' && kind !== 'escapedName') throw cursor.unexpected('an expression')
  return parsePath(cursor)
}

function parseArguments(cursor: TokenCursor, depth: number): readonly Expression[] {
  const list: Expression[] = []
  cursor.expectSymbol('(')
  if (cursor.takeSymbol(')')) return list
  do {
    list.push(parseOr(cursor, depth))
  } while (cursor.takeSymbol(','))
  cursor.expectSymbol(')')
  return list
}

function takeOperator<TOperator>(
  cursor: TokenCursor,
  operators: ReadonlyMap<string, TOperator>,
): TOperator | undefined {
  const { kind, text } = cursor.peek()
  const operator = kind === 'symbol' ? operators.get(text) : undefined
  if (operator !== undefined) cursor.take()
  return operator
}
