import { HubError } from '../error/hub-error.ts'
import type { PageRequest } from '../query/run-query.ts'
import type { Job } from './job.ts'

/** Which jobs are wanted; a part that is undefined does not matter. */
export interface JobFilter {
  readonly type?: string | undefined
  readonly status?: string | undefined
}

/** Some of the jobs that are wanted. */
export interface JobPage {
  readonly jobs: readonly Job[]
  /** Asks for the next page; undefined on the last. */
  readonly continuation: string | undefined
}

/**
 * Finds a page of jobs (wire reference 7.3).
 *
 * @param all in the order of creation.
 * @throws HubError 400 `ArgumentInvalid` when the continuation is not one of these.
 */
export function jobPage(all: readonly Job[], filter: JobFilter, { maxItemCount, continuation }: PageRequest): JobPage {
  const after = continuation === undefined ? 0 : parseContinuation(continuation)
  const wanted = all.filter(
    ({ sequence, status, work }) =>
      sequence > after && (filter.status ?? status) === status && (filter.type ?? work.type) === work.type,
  )
  const jobs = wanted.slice(0, maxItemCount)
  const last = wanted.length > jobs.length ? jobs.at(-1) : undefined
  return { jobs, continuation: last && Buffer.from(`jobs:${last.sequence}`).toString('base64url') }
}

function parseContinuation(token: string): number {
  const [, sequence] = /^jobs:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (sequence === undefined) throw new HubError('ArgumentInvalid', 'The continuation token is not one of this query.')
  return Number(sequence)
}
