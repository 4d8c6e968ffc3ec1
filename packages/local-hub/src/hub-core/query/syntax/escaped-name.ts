import { QueryError } from '../query-error.ts'

/**
 * Reads a name in double brackets, in which every character stands for itself (wire reference 5.2). The last two of a run of
 * closing brackets close it, so that a name may end with one.
 *
 * @param start where the opening brackets are.
 * @throws QueryError when the name is not closed.
 */
export function readEscapedName(text: string, start: number): { readonly value: string; readonly end: number } {
  let close = text.indexOf(']]', start + 2)
  if (close < 0) throw new QueryError("'[[' is not closed by ']]'", start)
  while (text[close + 2] === ']') close += 1
  return { value: text.slice(start + 2, close), end: close + 2 }
}
