import { HubError } from '../error/hub-error.ts'

/**
 * A query or condition that is not in the language. Clients get it as 400 `ArgumentInvalid` with the text `BadRequest`, as from
 * the real service (wire reference 5.7), followed by the reason, which the real service keeps to itself.
 */
export class QueryError extends HubError {
  override readonly name: string = 'QueryError'
  /** What is wrong, and what was expected. */
  readonly reason: string
  /** Where in the text, counted from 0 in UTF-16 units. */
  readonly position: number

  constructor(reason: string, position: number) {
    super('ArgumentInvalid', `BadRequest, ${reason} at character ${position + 1}.`)
    this.reason = reason
    this.position = position
  }
}
