import { QueryError } from '../query-error.ts'
import { type Keyword, keywordOf } from './keyword.ts'
import type { Token } from './token.ts'
import { tokenize } from './tokenizer.ts'

/** A position among the tokens of a query. */
export class TokenCursor {
  readonly #tokens: readonly Token[]
  #index = 0

  /** @throws QueryError when the text does not consist of tokens. */
  constructor(text: string) {
    this.#tokens = tokenize(text)
  }

  /** The token that comes next, or the one so many behind it. */
  peek(ahead: number = 0): Token {
    const token = this.#tokens[this.#index + ahead] ?? this.#tokens.at(-1)
    if (token === undefined) throw new Error('the tokens have no end')
    return token
  }

  /** Takes the next token, whatever it is. */
  take(): Token {
    const token = this.peek()
    this.#index += 1
    return token
  }

  /** The keyword that comes next. */
  peekKeyword(): Keyword | undefined {
    const { kind, text } = this.peek()
    return kind === 'name' ? keywordOf(text) : undefined
  }

  takeKeyword(keyword: Keyword): boolean {
    return this.#takeIf(this.peekKeyword() === keyword)
  }

  /** @throws QueryError when something else comes next. */
  expectKeyword(keyword: Keyword): void {
    if (!this.takeKeyword(keyword)) throw this.unexpected(keyword)
  }

  isSymbol(symbol: string, ahead: number = 0): boolean {
    const { kind, text } = this.peek(ahead)
    return kind === 'symbol' && text === symbol
  }

  takeSymbol(symbol: string): boolean {
    return this.#takeIf(this.isSymbol(symbol))
  }

  /** @throws QueryError when something else comes next. */
  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected(`'${symbol}'`)
  }

  /** @throws QueryError when there is more. */
  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.unexpected('the end')
  }

  /** The error for what comes next. */
  unexpected(expected: string): QueryError {
    const { kind, text, position } = this.peek()
    const found = kind === 'end' ? 'the end' : JSON.stringify(text)
    return new QueryError(`expected ${expected}, got ${found}`, position)
  }

  #takeIf(condition: boolean): boolean {
    if (condition) this.#index += 1
    return condition
  }
}
