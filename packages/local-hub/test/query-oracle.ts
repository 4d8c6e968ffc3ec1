import type { Binary, Expression } from '../src/hub-core/query/syntax/expression.ts'

/**
 * The value of an expression by the plainest reading of the rules: one step of the tree at a time, on JSON, sharing nothing with
 * the engine. Names must be in their full and exact spelling.
 */
export function oracleValue(expression: Expression, document: unknown): unknown {
  const of = (part: Expression): unknown => oracleValue(part, document)
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'array':
      return expression.elements.map(of).filter(element => element !== undefined)
    case 'path': {
      let value: unknown = JSON.parse(JSON.stringify(document))
      for (const segment of expression.segments) {
        const entries = typeof value === 'object' && value && !Array.isArray(value) ? Object.entries(value) : []
        value = entries.find(([key]) => key === segment)?.[1]
      }
      return value
    }
    case 'unary': {
      const value = of(expression.operand)
      if (expression.operator === 'NOT') return value === true ? false : value === false ? true : undefined
      return typeof value === 'number' ? 0 - value : undefined
    }
    case 'logical': {
      const values = expression.operands.map(of)
      const truths = values.map(value => (value === true ? 2 : value === false ? 0 : 1))
      const truth = expression.operator === 'AND' ? Math.min(...truths) : Math.max(...truths)
      return [false, undefined, true][truth]
    }
    case 'membership': {
      const value = of(expression.operand)
      if (value === undefined || (typeof value === 'object' && value !== null)) return undefined
      const found = expression.elements.map(of).some(element => element === value)
      return (expression.operator === 'IN') === found
    }
    case 'binary':
      return binaryValue(expression.operator, of(expression.left), of(expression.right))
    case 'call':
      return callValue(expression.function, expression.arguments.map(of))
  }
}

function binaryValue(operator: Binary['operator'], left: unknown, right: unknown): unknown {
  if (left === undefined || right === undefined) return undefined
  if (['+', '-', '*', '/', '%'].includes(operator)) {
    if (typeof left !== 'number' || typeof right !== 'number') return undefined
    const results = { '+': left + right, '-': left - right, '*': left * right, '/': left / right, '%': left % right }
    return known(Object.entries(results).find(([name]) => name === operator)?.[1])
  }
  if (left === null || right === null) {
    if (operator === '=') return left === right
    return operator === '!=' ? left !== right : undefined
  }
  if (typeof left !== typeof right || typeof left === 'object') return undefined
  const [first, second] = [orderOf(left), orderOf(right)]
  const order = first < second ? -1 : first > second ? 1 : 0
  const accepted = { '=': [0], '!=': [-1, 1], '<': [-1], '>': [1], '<=': [-1, 0], '>=': [0, 1] }
  return Object.entries(accepted)
    .find(([name]) => name === operator)?.[1]
    .includes(order)
}

function orderOf(value: unknown): string | number {
  return typeof value === 'string' ? value : Number(value)
}

function callValue(name: string, values: readonly unknown[]): unknown {
  const [first, second, third] = values
  const type = first === null ? 'null' : Array.isArray(first) ? 'array' : typeof first
  const checks = new Map([
    ['IS_DEFINED', type !== 'undefined'],
    ['IS_NULL', type === 'null'],
    ['IS_BOOL', type === 'boolean'],
    ['IS_NUMBER', type === 'number'],
    ['IS_STRING', type === 'string'],
    ['IS_ARRAY', type === 'array'],
    ['IS_OBJECT', type === 'object'],
    ['IS_PRIMITIVE', ['null', 'boolean', 'number', 'string'].includes(type)],
  ])
  if (checks.has(name)) return checks.get(name)
  if (values.includes(undefined)) return undefined
  if (name === 'ARRAY_CONTAINS') {
    return Array.isArray(first) ? first.some(element => binaryValue('=', element, second) === true) : undefined
  }
  if (name === 'AS_NUMBER') {
    if (type === 'number') return first
    return type === 'string' && String(first).trim() !== '' ? known(Number(first)) : undefined
  }
  if (name === 'SUBSTRING') {
    if (typeof first !== 'string' || typeof second !== 'number' || second < 0) return undefined
    if (values.length === 2) return first.slice(second)
    return typeof third === 'number' && third >= 0 ? first.slice(second, second + third) : undefined
  }
  if (values.every(value => typeof value === 'number')) {
    const [x = 0, y = 0] = values
    const results = new Map([
      ['ABS', x < 0 ? 0 - x : x],
      ['EXP', Math.exp(x)],
      ['POWER', x ** y],
      ['SQUARE', x * x],
      ['CEILING', Math.ceil(x)],
      ['FLOOR', Math.floor(x)],
      ['SIGN', x > 0 ? 1 : x < 0 ? -1 : 0],
      ['SQRT', Math.sqrt(x)],
    ])
    return known(results.get(name))
  }
  if (values.every(value => typeof value === 'string')) {
    const [text = '', part = ''] = values
    const results = new Map<string, unknown>([
      ['STARTSWITH', text.slice(0, part.length) === part],
      ['ENDSWITH', part === '' || text.slice(-part.length) === part],
      ['CONTAINS', text.split(part).length > 1 || part === ''],
      ['INDEX_OF', text.search(part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))],
      ['LENGTH', text.length],
      ['LOWER', text.toLowerCase()],
      ['UPPER', text.toUpperCase()],
      ['CONCAT', values.reduce((all, next) => all + next, '')],
    ])
    return results.get(name)
  }
  return undefined
}

function known(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) || Math.abs(value) === Infinity ? undefined : value
}
