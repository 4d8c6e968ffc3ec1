import { HubError } from '../error/hub-error.ts'
import { HubQuerySource } from '../hub-query-source.ts'
import type { HubState } from '../hub-state.ts'
import { isJsonObject, type JsonValue } from '../json/json.ts'
import { LaggingSource } from '../query/lagging-source.ts'
import type { QuerySource } from '../query/query-source.ts'
import { type PageRequest, type QueryPage, runQuery } from '../query/run-query.ts'
import { parseQuery } from '../query/syntax/query-parser.ts'

/** What the service can ask about many devices at once. */
export class QueryCommands {
  readonly #source: QuerySource

  /**
   * @param lagInMs how old the twins are that queries see; 0: as they are.
   * @throws RangeError for a negative lag.
   */
  constructor(state: HubState, lagInMs: number) {
    if (!(lagInMs >= 0)) throw new RangeError(`queryLagInMs: expected 0 or more, got ${lagInMs}`)
    const source = new HubQuerySource(state)
    this.#source = lagInMs > 0 ? lagBehind(state, source, lagInMs) : source
  }

  /**
   * Answers `{"query": "..."}` (wire reference 5).
   *
   * @throws HubError 400 `ArgumentInvalid`, a `QueryError` with the position where the query itself is bad.
   */
  run(body: JsonValue | undefined, page: PageRequest): QueryPage {
    const query = isJsonObject(body) ? body.query : undefined
    if (typeof query !== 'string') throw new HubError('ArgumentInvalid', 'BadRequest, query must be a string.')
    return runQuery(parseQuery(query), this.#source, page)
  }
}

/** A source that is told of every change of a device or its modules. */
function lagBehind({ clock, events }: HubState, source: QuerySource, lagInMs: number): QuerySource {
  const lagging = new LaggingSource(source, clock, lagInMs)
  events.subscribe(event => {
    if ('deviceId' in event && event.deviceId !== undefined) lagging.noteChange(event.deviceId)
  })
  return lagging
}
