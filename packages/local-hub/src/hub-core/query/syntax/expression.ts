import type { FunctionName } from './function-name.ts'

/** A constant: a JSON scalar, or `undefined`. */
export interface Literal {
  readonly kind: 'literal'
  readonly value: string | number | boolean | null | undefined
}

/** A constant array. */
export interface ArrayLiteral {
  readonly kind: 'array'
  readonly elements: readonly Constant[]
}

/** What may stand in a list of constants. */
export type Constant = Literal | ArrayLiteral

/** The way to a value in a document, as written: `devices.tags.site` has three segments. */
export interface PathExpression {
  readonly kind: 'path'
  readonly segments: readonly string[]
}

/** A function and its arguments. */
export interface Call {
  readonly kind: 'call'
  readonly function: FunctionName
  readonly arguments: readonly Expression[]
}

/** Comparisons; `<>` is written `!=`. */
export type ComparisonOperator = '=' | '!=' | '<' | '>' | '<=' | '>='

/** Operators on numbers. */
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'

/** Two operands with an operator in between. */
export interface Binary {
  readonly kind: 'binary'
  readonly operator: ComparisonOperator | ArithmeticOperator
  readonly left: Expression
  readonly right: Expression
}

/** `NOT`, or a minus sign that is not part of a number. */
export interface Unary {
  readonly kind: 'unary'
  readonly operator: 'NOT' | '-'
  readonly operand: Expression
}

/** A chain of two operands or more. A chain is one node, so that a long one is no deep tree. */
export interface Logical {
  readonly kind: 'logical'
  readonly operator: 'AND' | 'OR'
  readonly operands: readonly Expression[]
}

/** `IN` and `NIN`. */
export interface Membership {
  readonly kind: 'membership'
  readonly operator: 'IN' | 'NIN'
  readonly operand: Expression
  readonly elements: readonly Constant[]
}

/** An expression of the query language (wire reference 5.1). Nodes are frozen. */
export type Expression = Constant | PathExpression | Call | Binary | Unary | Logical | Membership

/** Makes a node, frozen with the lists in it. */
export function node<TNode extends Expression>(parts: TNode): TNode {
  for (const part of Object.values(parts)) Object.freeze(part)
  return Object.freeze(parts)
}
