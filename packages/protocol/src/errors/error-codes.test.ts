import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { operationErrorCode } from '../operation/operation-record.ts'
import { refusalStatus } from '../wire/refusal.ts'
import { errorCodes } from './error-codes.ts'

const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')

/** The rows of the table below a heading: the cells of each, by the code in the first one. */
function tableBelow(heading: string): ReadonlyMap<string, readonly string[]> {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const [text = ''] = section.split('\n## ')
  const rows = text.split('\n').flatMap(line => {
    const [, code, rest] = /^\| `(\w+)` +\| (.*) \|$/.exec(line) ?? []
    return code === undefined || rest === undefined ? [] : [[code, rest.split('|').map(cell => cell.trim())] as const]
  })
  return new Map(rows)
}

describe.each([
  ['Thrown errors', errorCodes, 'packages/protocol/src/errors/error-codes.ts'],
  ['Refusals of a device', refusalStatus, 'packages/protocol/src/wire/refusal.ts'],
  ['Errors of an operation', operationErrorCode, 'packages/protocol/src/operation/operation-record.ts'],
])('the table "%s" of docs/errors.md', (heading, codes, source) => {
  const table = tableBelow(heading)

  it('has every code', () => {
    const missing = Object.keys(codes).filter(code => !table.has(code))
    expect(missing, `add a row "| \`Code\` | ... |" for each to the table "${heading}" of docs/errors.md`).toEqual([])
  })

  it('has no other', () => {
    const unknown = [...table.keys()].filter(code => !Object.hasOwn(codes, code))
    expect(unknown, `add the codes to ${source}, or remove their rows from docs/errors.md`).toEqual([])
  })

  it('is in alphabetical order', () => {
    expect([...table.keys()]).toEqual([...table.keys()].toSorted())
  })
})

it('the table of thrown errors has the meanings of the source', () => {
  const meanings = [...tableBelow('Thrown errors')].map(([code, [meaning]]) => [code, meaning])
  expect(Object.fromEntries(meanings), 'copy the meaning from packages/protocol/src/errors/error-codes.ts').toEqual(
    errorCodes,
  )
})

it('the table of refusals has their statuses', () => {
  const statuses = [...tableBelow('Refusals of a device')].map(([code, [status]]) => [code, Number(status)])
  expect(Object.fromEntries(statuses)).toEqual(refusalStatus)
})

it('the codes stand in alphabetical order in the source', () => {
  expect(Object.keys(errorCodes)).toEqual(Object.keys(errorCodes).toSorted())
})
