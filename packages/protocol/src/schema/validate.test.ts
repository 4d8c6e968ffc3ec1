import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Schema } from './standard-schema.ts'
import { checkSchema, validate, validateWire } from './validate.ts'

describe('validate', () => {
  it.each<[string, Schema]>([
    ['zod', z.object({ at: z.iso.datetime().transform(text => new Date(text)) })],
    [
      'valibot',
      v.object({
        at: v.pipe(
          v.string(),
          v.isoTimestamp(),
          v.transform(text => new Date(text)),
        ),
      }),
    ],
    ['arktype', type({ at: 'string.date.iso.parse' })],
  ])('gives what a schema of %s makes of a wire value', (_, schema) => {
    const validation = validate(schema, { at: '2027-01-31T12:00:00.000Z' }, 'request')
    expect(validation).toEqual({ valid: true, value: { at: new Date('2027-01-31T12:00:00.000Z') } })
    expect(validate(schema, { at: 'noon' }, 'request').valid).toBe(false)
  })

  it('takes an absent value where there is no schema, and no other', () => {
    for (const absent of [undefined, null, {}]) {
      expect(validate(undefined, absent, 'request')).toEqual({ valid: true, value: undefined })
    }
    for (const value of [0, '', false, [], { a: 1 }]) {
      expect(validate(undefined, value, 'request')).toEqual({
        valid: false,
        issues: [{ path: [], message: 'no value is expected here' }],
      })
    }
  })

  // An asynchronous check inside an object does not show before a value gets as far as it.
  it.each<[string, Schema]>([
    ['zod', z.object({ id: z.string().refine(async id => id !== '') })],
    [
      'valibot',
      v.objectAsync({
        id: v.pipeAsync(
          v.string(),
          v.checkAsync(async id => id !== ''),
        ),
      }),
    ],
  ])('refuses a schema of %s that turns out to be asynchronous', (_, schema) => {
    expect(() => validate(schema, { id: 'x' }, "request of method 'getLogs'")).toThrow(
      new TypeError(
        "request of method 'getLogs' has a schema that is asynchronous, or whose own code throws; it must answer at once",
      ),
    )
  })

  it('leaves no unhandled rejection behind', async () => {
    const rejected: unknown[] = []
    const listener = (reason: unknown) => rejected.push(reason)
    process.on('unhandledRejection', listener)
    const failing = v.pipeAsync(
      v.unknown(),
      v.transformAsync(async () => {
        throw new Error('late')
      }),
    )
    expect(() => validate(failing, 'x', 'request')).toThrow(TypeError)
    expect(() => checkSchema(failing, 'request')).toThrow(TypeError)
    await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect(rejected).toEqual([])
  })
})

describe('checkSchema', () => {
  it.each<[string, Schema]>([
    ['zod, asynchronous transformation', z.unknown().transform(async value => value)],
    ['zod, asynchronous check', z.unknown().refine(async () => true)],
    ['valibot, asynchronous object', v.objectAsync({ id: v.string() })],
    [
      'valibot, asynchronous pipe',
      v.pipeAsync(
        v.string(),
        v.transformAsync(async text => text),
      ),
    ],
  ])('refuses an asynchronous schema: %s', (_, schema) => {
    expect(() => checkSchema(schema, "request of method 'getLogs'")).toThrow(
      new TypeError(
        "request of method 'getLogs' has an asynchronous schema; only synchronous schemas can be used in a contract",
      ),
    )
  })

  it.each<[string, Schema]>([
    ['zod', z.object({ id: z.string() })],
    ['zod, code that throws', z.preprocess(value => JSON.parse(String(value)), z.number())],
    ['valibot', v.object({ id: v.string() })],
    [
      'valibot, code that throws',
      v.pipe(
        v.unknown(),
        v.transform(value => JSON.parse(String(value))),
      ),
    ],
    ['arktype', type({ id: 'string' })],
    ['arktype, code that throws', type('unknown').pipe(value => JSON.parse(String(value)))],
  ])('takes a synchronous schema: %s', (_, schema) => {
    expect(() => checkSchema(schema, 'request')).not.toThrow()
  })

  it.each([null, undefined, 42, 'string', {}, () => true, { '~standard': 1 }, { '~standard': {} }])(
    'refuses what is no Standard Schema: %s',
    value => {
      // @ts-expect-error - a caller without types
      expect(() => checkSchema(value, "result of action 'calibrate'")).toThrow(
        /^result of action 'calibrate' must be a/,
      )
    },
  )
})

describe('validateWire', () => {
  const schemaThatMayBeAbsent = v.optional(v.number())

  it('takes null for a value that was left out, where the schema allows that', () => {
    expect(validateWire(schemaThatMayBeAbsent, null, 'request')).toEqual({ valid: true, value: undefined })
  })

  it('leaves null to a schema that knows it', () => {
    expect(validateWire(v.nullable(v.number()), null, 'request')).toEqual({ valid: true, value: null })
  })

  it('refuses null where a value is needed, and says what the schema said of null', () => {
    const { issues } = v.safeParse(v.number(), null)
    expect(validateWire(v.number(), null, 'request')).toMatchObject({ issues: [{ message: issues?.[0].message }] })
  })
})
