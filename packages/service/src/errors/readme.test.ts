import { readFileSync } from 'node:fs'
import { errorCodes, refusalStatus } from '@iothub-dm/protocol'
import { expect, it } from 'vitest'
import { hubErrorCodes } from '../hub/hub-error.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const [, section = ''] = readme.split('\n## When something goes wrong\n')
const [text = ''] = section.split('\n## ')
const rows = [...text.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)])
const described = rows.map(([, code = '']) => code).filter(code => code !== 'code')

it('the README says for every error of the hub and every refusal what to do', () => {
  const missing = [...hubErrorCodes, ...Object.keys(refusalStatus), 'Refused'].filter(code => !described.includes(code))
  expect(missing, 'add them to the tables of the README').toEqual([])
})

it('the README names no code that does not exist', () => {
  expect(described.filter(code => !Object.hasOwn(errorCodes, code))).toEqual([])
  expect(described.length).toBeGreaterThan(25)
})
