import type { Constant, Expression, Literal, PathExpression } from './expression.ts'
import { keywordOf } from './keyword.ts'

const plainName = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u
/** What would end a string, and what would not survive as text: control characters and halves of surrogate pairs. */
const unprintable = /[\p{Cc}\p{Cs}]/gu

/** The text of an expression; parsed, it is the same expression. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
    case 'array':
      return printConstant(expression)
    case 'path':
      return printPath(expression)
    case 'call':
      return `${expression.function}(${expression.arguments.map(printExpression).join(', ')})`
    case 'unary':
      return `${expression.operator} ${printUnaryOperand(expression.operand)}`
    case 'binary':
      return `${printOperand(expression.left)} ${expression.operator} ${printOperand(expression.right)}`
    case 'logical':
      return expression.operands.map(printOperand).join(` ${expression.operator} `)
    case 'membership':
      return `${printOperand(expression.operand)} ${expression.operator} ${printConstants(expression.elements)}`
  }
}

/** The text of a path, with brackets where a bare name would not do. */
export function printPath({ segments }: PathExpression): string {
  return segments.map(printName).join('.')
}

/** The text of one name. */
export function printName(name: string): string {
  return plainName.test(name) && keywordOf(name) === undefined ? name : `[[${name}]]`
}

function printOperand(operand: Expression): string {
  switch (operand.kind) {
    case 'literal':
    case 'array':
    case 'path':
    case 'call':
      return printExpression(operand)
    default:
      return `(${printExpression(operand)})`
  }
}

/** A minus sign right before a number would become part of it. */
function printUnaryOperand(operand: Expression): string {
  return operand.kind === 'literal' ? `(${printExpression(operand)})` : printOperand(operand)
}

function printConstant(constant: Constant): string {
  return constant.kind === 'array' ? printConstants(constant.elements) : printLiteral(constant)
}

/** With a space behind the bracket: a list may start with a list. */
function printConstants(constants: readonly Constant[]): string {
  return `[ ${constants.map(printConstant).join(', ')} ]`
}

function printLiteral({ value }: Literal): string {
  if (typeof value === 'string') return `'${value.replace(/['\\]/g, '\\$&').replace(unprintable, unicodeEscape)}'`
  return Object.is(value, -0) ? '-0' : String(value)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
