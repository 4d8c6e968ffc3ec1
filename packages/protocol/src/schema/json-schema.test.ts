import { type } from 'arktype'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { jsonSchemaOf } from './json-schema.ts'

it.each([
  ['zod', z.object({ a: z.string().max(5) })],
  ['arktype', type({ a: 'string <= 5' })],
])('%s tells its JSON Schema', (_, schema) => {
  expect(jsonSchemaOf(schema)).toMatchObject({
    type: 'object',
    properties: { a: { type: 'string', maxLength: 5 } },
  })
})

it('is that of the wire side', () => {
  expect(jsonSchemaOf(z.string().transform(text => text.length))).toMatchObject({ type: 'string' })
})

it('is undefined where there is none', () => {
  expect(jsonSchemaOf(v.object({ a: v.string() }))).toBeUndefined()
  expect(jsonSchemaOf(z.object({ a: z.bigint() }))).toBeUndefined()
  expect(jsonSchemaOf(undefined)).toBeUndefined()
})
