import { createHash } from 'node:crypto'
import { HubError } from '../../error/hub-error.ts'
import { printQuery } from '../syntax/print-query.ts'
import type { Query } from '../syntax/query.ts'

/** How far a query has been answered. */
export interface Progress {
  /** The position of the last document returned; empty for none. */
  readonly after: string
  /** How many rows were returned. */
  readonly returned: number
}

/** Where a query starts. */
export const beginning: Progress = { after: '', returned: 0 }

/** The token with which a client asks for the next page. It holds all there is to know, so it can be used again. */
export function continuationToken(query: Query, { after, returned }: Progress): string {
  return Buffer.from(JSON.stringify([fingerprint(query), after, returned])).toString('base64url')
}

/**
 * Reads a token back.
 *
 * @throws HubError 400 `ArgumentInvalid` when it is none, or belongs to another query.
 */
export function parseContinuation(query: Query, token: string): Progress {
  const parts = parseParts(token)
  if (!Array.isArray(parts)) throw invalidToken()
  const [owner, after, returned]: readonly unknown[] = parts
  const isProgress = typeof after === 'string' && typeof returned === 'number' && Number.isSafeInteger(returned)
  if (owner !== fingerprint(query) || !isProgress || returned < 0) throw invalidToken()
  return { after, returned }
}

function parseParts(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch {
    throw invalidToken()
  }
}

/** Equal for the same query in another spelling. */
function fingerprint(query: Query): string {
  return createHash('sha256').update(printQuery(query)).digest('base64url').slice(0, 16)
}

function invalidToken(): HubError {
  return new HubError('ArgumentInvalid', 'BadRequest, the continuation token does not belong to this query.')
}
