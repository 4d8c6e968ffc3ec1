import { QueryError } from '../query-error.ts'
import { aggregateFunctionOf } from './aggregate-function.ts'
import { type Call, type Expression, node } from './expression.ts'
import { argumentCounts, isFunctionName } from './function-name.ts'

/**
 * A call of a function that exists, with as many arguments as it takes.
 *
 * @param name the function, in whatever case.
 * @param position where the call starts.
 * @throws QueryError when there is no such function, or for another number of arguments.
 */
export function callOf(name: string, parameters: readonly Expression[], position: number): Call {
  const upperCase = name.toUpperCase()
  if (!isFunctionName(upperCase)) throw new QueryError(unknownFunction(name, upperCase), position)
  const [least, most] = argumentCounts[upperCase]
  if (parameters.length < least || parameters.length > most) {
    const expected = least === most ? String(least) : most === Infinity ? `${least} or more` : `${least} to ${most}`
    throw new QueryError(`${upperCase} takes ${expected} arguments, got ${parameters.length}`, position)
  }
  return node({ kind: 'call', function: upperCase, arguments: parameters })
}

function unknownFunction(name: string, upperCase: string): string {
  if (aggregateFunctionOf(name) !== undefined) return `${upperCase} can only stand in the SELECT list`
  const spelledTogether = upperCase.replace('_', '')
  const hint = isFunctionName(spelledTogether) ? ` (did you mean ${spelledTogether}?)` : ''
  return `there is no function '${name}'${hint}`
}
