import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repository } from '../readme/snippet.ts'

const page = readFileSync(join(repository, 'docs', 'threats.md'), 'utf8')

interface Row {
  readonly id: string
  readonly heldBy: string
  readonly links: readonly { readonly path: string; readonly title: string | undefined }[]
}

const rows: readonly Row[] = [...page.matchAll(/^\| ([RFC]\d+) *\|[^|]*\|(.*)\|$/gm)].map(
  ([, id = '', heldBy = '']) => ({
    id,
    heldBy: heldBy.trim(),
    links: [...heldBy.matchAll(/\[[^\]:]+(?:: ([^\]]+))?\]\(\.\.\/([^)]+)\)/g)].map(([, title, path = '']) => ({
      path,
      title,
    })),
  }),
)

const ids = [
  ...Array.from({ length: 23 }, (_, index) => `R${index + 1}`),
  ...Array.from({ length: 24 }, (_, index) => `F${index + 1}`),
  ...Array.from({ length: 18 }, (_, index) => `C${index + 1}`),
]

/** Whether a text in the source begins with the number, alone or among others: the title of a test. */
function titles(source: string, id: string): boolean {
  return new RegExp(`['"\`](?:[RFC]\\d+(?:, | and ))*${id}(?:, [RFC]\\d+| and [RFC]\\d+)*:? `).test(source)
}

describe('the page of promises and threats', () => {
  it('has a row for each', () => {
    expect(rows.map(({ id }) => id)).toEqual(ids)
  })

  it.each(rows)('$id is held by tests that are there', ({ id, heldBy, links }) => {
    expect(links.length > 0 || /^(integrator's duty|not yet)/.test(heldBy), heldBy).toBe(true)
    for (const { path, title } of links) {
      expect(existsSync(join(repository, path)), path).toBe(true)
      const source = readFileSync(join(repository, path), 'utf8')
      if (title === undefined) expect(titles(source, id), `a title with ${id} in ${path}`).toBe(true)
      else expect(source, path).toContain(title)
    }
  })

  it('has a test for every threat to firmware updates, and to commands on the device', () => {
    const without = rows.filter(({ links }) => links.length === 0).map(({ id }) => id)
    expect(without.filter(id => id.startsWith('F') || /^C[1-7]$/.test(id))).toEqual([])
  })
})
