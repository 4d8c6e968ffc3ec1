import type { StandardSchemaV1 } from '@standard-schema/spec'
import { clipText } from '../json/clip-text.ts'

/** One thing that is wrong with a value. */
export interface Issue {
  /** Where: member names and array indexes from the root, `[]` for the value itself. */
  readonly path: readonly (string | number)[]
  /** What is wrong, in the words of the schema library. */
  readonly message: string
}

/** At most this many issues are kept: an answer has to stay small whatever came in. */
export const maxIssues = 10

const maxMessageLength = 200
const maxPathLength = 20
const maxKeyLength = 64

/**
 * Brings the issues of any schema library into one form: zod and arktype give plain keys, valibot gives segment objects.
 *
 * @param issues what `~standard.validate` returned
 * @returns at most {@link maxIssues} issues, with paths and messages cut to a length that suits an answer
 */
export function normaliseIssues(issues: readonly StandardSchemaV1.Issue[]): readonly Issue[] {
  return issues.slice(0, maxIssues).map(issue => ({
    // Spread first: the path of arktype is a subclass of Array, whose slice and map make more of them.
    path: [...(issue.path ?? [])].slice(0, maxPathLength).map(segment => {
      const key = typeof segment === 'object' ? segment.key : segment
      return typeof key === 'number' ? key : clipText(String(key), maxKeyLength)
    }),
    message: clipText(issue.message, maxMessageLength),
  }))
}

/**
 * Writes issues as one line for an error message.
 *
 * @example
 * ```ts
 * describeIssues([{ path: ['target', 0], message: 'must be a number' }]) // 'target[0]: must be a number'
 * ```
 */
export function describeIssues(issues: readonly Issue[]): string {
  return issues
    .map(({ path, message }) => {
      const where = path.map(key => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
      return where === '' ? message : `${where.replace(/^\./, '')}: ${message}`
    })
    .join('; ')
}
