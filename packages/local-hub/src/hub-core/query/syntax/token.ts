/** What a token is. An escaped name was written in double brackets and is never a keyword. */
export type TokenKind = 'name' | 'escapedName' | 'string' | 'number' | 'symbol' | 'end'

/** A piece of a query. */
export interface Token {
  readonly kind: TokenKind
  /** The text as written; of a string and an escaped name, what it stands for. */
  readonly text: string
  /** Where it starts, counted from 0 in UTF-16 units. */
  readonly position: number
}
