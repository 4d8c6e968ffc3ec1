import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const repository: string = fileURLToPath(new URL('../../..', import.meta.url))

/** A block of TypeScript in a Markdown page. */
export interface Snippet {
  /** Page and line, such as `README.md:42`. */
  readonly place: string
  readonly code: string
  /** False for a block that is marked `no-run`: it needs a device, a hub or an hour. */
  readonly runs: boolean
}

/** Every block of TypeScript in the pages that a user reads first. */
export function readSnippets(): readonly Snippet[] {
  const packages = readdirSync(join(repository, 'packages')).map(name =>
    join(repository, 'packages', name, 'README.md'),
  )
  const docs = readdirSync(join(repository, 'docs')).map(name => join(repository, 'docs', name))
  return [join(repository, 'README.md'), join(repository, 'CONTRIBUTING.md'), ...packages, ...docs].flatMap(snippetsOf)
}

function snippetsOf(page: string): readonly Snippet[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^```ts( no-run)?\n(.*?)^```$/gms)].map(match => ({
    place: `${relative(repository, page)}:${text.slice(0, match.index).split('\n').length}`,
    code: match[2] ?? '',
    runs: match[1] === undefined,
  }))
}
