import type { JsonValue } from '../../json/json.ts'
import { WrittenNumber } from '../../json/written-number.ts'
import type { QueryDocument } from '../query-source.ts'
import type {
  ArithmeticOperator,
  Binary,
  ComparisonOperator,
  Constant,
  Expression,
  Logical,
} from '../syntax/expression.ts'
import type { Collection } from '../syntax/query.ts'
import { resolvePath } from '../syntax/resolve-path.ts'
import { calculate, finite } from './arithmetic.ts'
import { compare, isPrimitive } from './comparison.ts'
import { queryFunctions } from './functions.ts'

/** The value of an expression for a document. */
export type Evaluator = (document: QueryDocument) => JsonValue | undefined

/**
 * Makes a function of an expression, so that a scan over many documents does not go through the tree for each of them.
 *
 * @param collection which documents it will see.
 */
export function compileExpression(collection: Collection, expression: Expression): Evaluator {
  switch (expression.kind) {
    case 'literal':
    case 'array': {
      const value = constantValue(expression)
      return () => value
    }
    case 'path': {
      const path = resolvePath(collection, expression)
      return document => {
        const value = document.read(path)
        return value instanceof WrittenNumber ? value.value : value
      }
    }
    case 'call': {
      const evaluators = expression.arguments.map(argument => compileExpression(collection, argument))
      const apply = queryFunctions[expression.function]
      return document => apply(evaluators.map(evaluate => evaluate(document)))
    }
    case 'unary':
      return compileUnary(expression.operator, compileExpression(collection, expression.operand))
    case 'binary':
      return compileBinary(
        expression.operator,
        compileExpression(collection, expression.left),
        compileExpression(collection, expression.right),
      )
    case 'logical':
      return compileLogical(
        expression.operator,
        expression.operands.map(operand => compileExpression(collection, operand)),
      )
    case 'membership': {
      const evaluate = compileExpression(collection, expression.operand)
      const elements = new Set(expression.elements.map(constantValue))
      const whenFound = expression.operator === 'IN'
      return document => {
        const value = evaluate(document)
        return isPrimitive(value) ? elements.has(value) === whenFound : undefined
      }
    }
  }
}

function constantValue(constant: Constant): JsonValue | undefined {
  if (constant.kind === 'literal') return constant.value
  return constant.elements.map(constantValue).filter(value => value !== undefined)
}

function compileUnary(operator: 'NOT' | '-', evaluate: Evaluator): Evaluator {
  if (operator === '-') {
    return document => {
      const value = evaluate(document)
      return typeof value === 'number' ? finite(-value) : undefined
    }
  }
  return document => {
    const value = evaluate(document)
    return typeof value === 'boolean' ? !value : undefined
  }
}

function compileBinary(operator: Binary['operator'], left: Evaluator, right: Evaluator): Evaluator {
  return isArithmetic(operator)
    ? document => calculate(operator, left(document), right(document))
    : document => compare(operator, left(document), right(document))
}

function isArithmetic(operator: ArithmeticOperator | ComparisonOperator): operator is ArithmeticOperator {
  return operator === '+' || operator === '-' || operator === '*' || operator === '/' || operator === '%'
}

/** One false decides AND, one true decides OR; otherwise anything that is not boolean leaves the chain undefined. */
function compileLogical(operator: Logical['operator'], operands: readonly Evaluator[]): Evaluator {
  const deciding = operator === 'OR'
  return document => {
    let result: boolean | undefined = !deciding
    for (const evaluate of operands) {
      const value = evaluate(document)
      if (value === deciding) return deciding
      if (typeof value !== 'boolean') result = undefined
    }
    return result
  }
}
