import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { twinLevel } from '../json/twin-rules.ts'
import type { Schema } from '../schema/standard-schema.ts'
import { ContractError } from './contract-error.ts'
import { checkTwinShape } from './twin-shape.ts'

const item = "result of action 'calibrate'"

/** Objects in objects, `levels` of them. */
function nested(levels: number): z.ZodType {
  return levels === 0 ? z.number() : z.object({ in: nested(levels - 1) })
}

describe('checkTwinShape', () => {
  it.each<[string, Schema]>([
    ['a.b', z.object({ 'a.b': z.number() })],
    ['$version', type({ $version: 'number' })],
    ['a b', z.object({ list: z.array(z.object({ 'a b': z.number() })) })],
    ['a#', z.union([z.string(), z.object({ 'a#': z.number() })])],
    ['a\n', z.record(z.string(), z.object({ 'a\n': z.number() }))],
    ['.', z.tuple([z.object({ '.': z.number() })])],
  ])('refuses the key %j, wherever it is', (key, schema) => {
    const message = `${item}: the key '${key}' must not hold '.', '$', '#', blanks or control characters`
    expect(() => checkTwinShape(item, schema, twinLevel.result)).toThrow(message)
  })

  it('refuses what is deeper than ten levels below the root', () => {
    expect(() => checkTwinShape(item, nested(8), twinLevel.result)).not.toThrow()
    expect(() => checkTwinShape(item, nested(9), twinLevel.result)).toThrow(ContractError)
    expect(() => checkTwinShape(item, nested(9), twinLevel.configuration)).not.toThrow()
    expect(() => checkTwinShape(item, nested(10), twinLevel.configuration)).toThrow(
      `${item}: is nested too deeply: a twin holds 10 levels of objects and arrays`,
    )
  })

  it('counts an array as a level', () => {
    expect(() => checkTwinShape(item, z.array(nested(7)), twinLevel.result)).not.toThrow()
    expect(() => checkTwinShape(item, z.array(nested(8)), twinLevel.result)).toThrow(ContractError)
  })

  it('takes any other schema', () => {
    const tree: z.ZodType = z.object({ left: z.lazy(() => tree).optional() })
    for (const schema of [undefined, z.any(), z.string(), z.object({ 'ä-b_1': z.number() }), tree]) {
      expect(() => checkTwinShape(item, schema, twinLevel.result)).not.toThrow()
    }
    expect(() => checkTwinShape(item, v.object({ 'a.b': v.number() }), twinLevel.result)).not.toThrow() // no JSON Schema
  })
})
