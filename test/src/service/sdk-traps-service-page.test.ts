import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const docs = new URL('../../../docs/', import.meta.url)
const page = readFileSync(new URL('sdk-traps-service.md', docs), 'utf8')
const rows = [...page.matchAll(/^\| (\d+) +\|.*\]\((\.\.\/[^)]+)\) +\|$/gm)].map(([, number = '', link = '']) => ({
  number: Number(number),
  link,
}))

describe('the page on the traps of the service client', () => {
  it('has a row for each trap', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 16 }, (_, index) => index + 39))
  })

  it.each(rows)('leads, for trap $number, to its test', ({ number, link }) => {
    expect(readFileSync(new URL(link, docs), 'utf8')).toContain(`'trap ${number}: `)
  })
})
