import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeIssues, maxIssues, normaliseIssues } from './issues.ts'
import { validate } from './validate.ts'

const libraries = {
  zod: z.object({ target: z.object({ list: z.array(z.object({ x: z.number() })) }) }),
  valibot: v.object({ target: v.object({ list: v.array(v.object({ x: v.number() })) }) }),
  arktype: type({ target: { list: type({ x: 'number' }).array() } }),
}

function issuesOf(schema: Parameters<typeof validate>[0], value: unknown) {
  const validation = validate(schema, value, 'request')
  return validation.valid ? [] : validation.issues
}

describe.each(Object.entries(libraries))('issues of %s', (_, schema) => {
  it('tell the path of a wrong value', () => {
    const [issue, ...others] = issuesOf(schema, { target: { list: [{ x: 1 }, { x: 'one' }] } })
    expect(issue).toEqual({ path: ['target', 'list', 1, 'x'], message: expect.stringMatching(/number/) })
    expect(others).toEqual([])
  })

  it('tell the path of a missing member', () => {
    expect(issuesOf(schema, { target: {} }).map(issue => issue.path)).toEqual([['target', 'list']])
  })

  it('have an empty path for the value itself', () => {
    expect(issuesOf(schema, 42).map(issue => issue.path)).toEqual([[]])
  })

  it('stay few, whatever came in', () => {
    const list = Array.from({ length: 50 }, () => ({ x: 'wrong' }))
    const issues = issuesOf(schema, { target: { list } })
    expect(issues).toHaveLength(maxIssues)
    expect(issues[9]?.path).toEqual(['target', 'list', 9, 'x'])
  })

  it('survive JSON', () => {
    const issues = issuesOf(schema, { target: { list: [{}] } })
    expect(JSON.parse(JSON.stringify(issues))).toEqual(issues)
  })
})

describe('normaliseIssues', () => {
  it('cuts long messages, paths and keys', () => {
    const [issue] = normaliseIssues([
      { message: 'm'.repeat(10_000), path: Array.from({ length: 100 }, () => 'k'.repeat(10_000)) },
    ])
    expect(JSON.stringify(issue).length).toBeLessThan(2_000)
  })

  it('turns symbols into text', () => {
    expect(normaliseIssues([{ message: 'no', path: [Symbol('s')] }])).toEqual([{ message: 'no', path: ['Symbol(s)'] }])
  })
})

describe('describeIssues', () => {
  it('writes one line', () => {
    const issues = [
      { path: ['target', 0, 'x'], message: 'must be a number' },
      { path: [1], message: 'is one too many' },
      { path: [], message: 'is wrong' },
    ]
    expect(describeIssues(issues)).toBe('target[0].x: must be a number; [1]: is one too many; is wrong')
  })
})
