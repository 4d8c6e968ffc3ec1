import { QueryError } from '../query-error.ts'
import { readEscapedName } from './escaped-name.ts'
import { readString } from './string-literal.ts'
import type { Token } from './token.ts'

/** The longest query, in characters (wire reference 5). */
export const maxQueryLength = 8192

const space = /[ \t\r\n]*/y
const name = /[\p{ID_Start}_$][\p{ID_Continue}$]*/uy
const number = /0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const symbol = /<=|>=|<>|!=|[=<>+\-*/%(),.[\]]/y

/**
 * Takes a query apart. The last token is the end.
 *
 * @throws QueryError for a text over {@link maxQueryLength}, and for what starts no token.
 */
export function tokenize(text: string): readonly Token[] {
  if (text.length > maxQueryLength) {
    throw new QueryError(`the query has ${text.length} characters, the maximum is ${maxQueryLength}`, maxQueryLength)
  }
  const tokens: Token[] = []
  let position = skipSpace(text, 0)
  while (position < text.length) {
    const { token, end } = readToken(text, position)
    tokens.push(token)
    position = skipSpace(text, end)
  }
  tokens.push({ kind: 'end', text: '', position })
  return tokens
}

interface TokenRead {
  readonly token: Token
  readonly end: number
}

function readToken(text: string, position: number): TokenRead {
  const first = text[position]
  if (first === "'" || first === '"') {
    const { value, end } = readString(text, position)
    return { token: { kind: 'string', text: value, position }, end }
  }
  if (text.startsWith('[[', position)) {
    const { value, end } = readEscapedName(text, position)
    return { token: { kind: 'escapedName', text: value, position }, end }
  }
  return (
    readPattern(text, position, 'name', name) ??
    readNumber(text, position) ??
    readPattern(text, position, 'symbol', symbol) ??
    refuseCharacter(text, position)
  )
}

function readNumber(text: string, position: number): TokenRead | undefined {
  const read = readPattern(text, position, 'number', number)
  if (read !== undefined && matchAt(name, text, read.end) !== undefined) {
    throw new QueryError(`'${read.token.text}' runs into a name`, position)
  }
  return read
}

function readPattern(text: string, position: number, kind: Token['kind'], pattern: RegExp): TokenRead | undefined {
  const match = matchAt(pattern, text, position)
  return match === undefined ? undefined : { token: { kind, text: match, position }, end: position + match.length }
}

function refuseCharacter(text: string, position: number): never {
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0)
  throw new QueryError(`unexpected character ${JSON.stringify(character)}`, position)
}

function skipSpace(text: string, position: number): number {
  return position + (matchAt(space, text, position)?.length ?? 0)
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position
  return pattern.exec(text)?.[0]
}
