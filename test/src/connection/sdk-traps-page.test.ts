import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const docs = new URL('../../../docs/', import.meta.url)
const page = readFileSync(new URL('sdk-traps.md', docs), 'utf8')
const rows = [...page.matchAll(/^\| (\d+) +\|(.*)\|$/gm)].map(([, number = '', cells = '']) => ({
  number: Number(number),
  links: [...cells.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(([, link = '']) => link),
}))

describe('the page on the traps of the SDK', () => {
  it('has a row for each trap', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 38 }, (_, index) => index + 1))
  })

  it.each(rows)('leads, for trap $number, to tests of the bare SDK and of the agent', ({ number, links }) => {
    const [shown = ''] = links
    const source = readFileSync(new URL(shown, docs), 'utf8')
    const [, tests = ''] = source.split(`'trap ${number}: `)
    const [own = ''] = tests.split(/\ndescribe/)
    expect(own).toMatch(/'bare SDK: /)
    expect(own).toMatch(/'agent: /)
  })

  it('leads to nothing that is not there', () => {
    for (const { links } of rows) for (const link of links) expect(existsSync(new URL(link, docs)), link).toBe(true)
  })
})
