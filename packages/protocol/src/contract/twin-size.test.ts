import { type } from 'arktype'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { JsonValue } from '../json/json-value.ts'
import { limits } from '../operation/limits.ts'
import type { OperationRecord } from '../operation/operation-record.ts'
import { encodeOperationSection } from '../operation/reported-section.ts'
import { reboot } from '../patterns/reboot/reboot.ts'
import type { Schema } from '../schema/standard-schema.ts'
import { type ActionDefinition, action } from './action.ts'
import { configuration } from './configuration.ts'
import { actionSize, configurationSize } from './twin-size.ts'

/** The size as the hub counts it, written down a second time. */
function hubSize(value: JsonValue): number {
  if (typeof value === 'string') return value.length
  if (typeof value === 'number') return 8
  if (typeof value === 'boolean') return 4
  if (value === null) return 0
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (Array.isArray(value) ? 0 : key.length) + hubSize(item ?? null),
    0,
  )
}

function text(maxLength: number): fc.Arbitrary<string> {
  return fc.string({ maxLength })
}

function resultSize(result: Schema): number {
  return actionSize('a', action({ result })) - actionSize('a', action())
}

describe('actionSize', () => {
  const calibrate = action({ phases: ['warming', 'a-rather-long-phase'], errors: ['sensorFault'] })

  it.each<[string, ActionDefinition]>([
    ['calibrate', calibrate],
    ['reboot', reboot],
  ])('is at least the size of any record of %s', (name, definition) => {
    const time = fc
      .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
      .map(date => date.toISOString())
    const record: fc.Arbitrary<OperationRecord> = fc.record(
      {
        operationId: text(limits.operationIdLength),
        state: fc.constantFrom('accepted', 'restarting', 'succeeded', 'failed'),
        status: fc.constantFrom('restarting', ...definition.phases),
        percent: fc.double({ min: 0, max: 100, noNaN: true }),
        detail: text(limits.detailLength),
        attempt: fc.nat(),
        acceptedTime: time,
        startedTime: time,
        updatedTime: time,
        finishedTime: time,
        error: fc.record({
          code: fc.constantFrom('RestartNotObserved', ...definition.errors),
          message: text(limits.errorMessageLength),
          retryable: fc.boolean(),
        }),
      },
      { requiredKeys: ['operationId', 'state', 'status', 'attempt', 'acceptedTime', 'updatedTime'] },
    )
    const bound = actionSize(name, definition)
    fc.assert(
      fc.property(record, any => {
        const section = encodeOperationSection(any, definition.pattern)
        expect(hubSize({ [name]: section })).toBeLessThanOrEqual(bound)
      }),
    )
    expect(bound).toBeLessThan(1000)
  })
})

describe('size of a result', () => {
  it.each<[string, Schema, Schema]>([
    ['text', z.string().max(100), type('string <= 100')],
    ['a word of a list', z.enum(['a'.repeat(100), 'b']), type.enumerated('a'.repeat(100), 'b')],
    ['one of two', z.union([z.string().max(100), z.number()]), type('string <= 100 | number')],
    ['text or null', z.string().max(100).nullable(), type('string <= 100 | null')],
    ['a list', z.array(z.string().max(10)).max(10), type('string <= 10').array().atMostLength(10)],
    ['a tuple', z.tuple([z.string().max(92), z.number()]), type(['string <= 92', 'number'])],
    [
      'an object',
      z.object({ ab: z.string().max(90), c: z.number().optional() }),
      type({ ab: 'string <= 90', 'c?': 'number' }),
    ],
  ])('is bounded for %s of zod and arktype', (_, ofZod, ofArktype) => {
    expect(resultSize(ofZod)).toBeGreaterThanOrEqual(100)
    expect(resultSize(ofZod)).toBeLessThanOrEqual(104)
    expect(resultSize(ofArktype)).toBeGreaterThanOrEqual(100)
    expect(resultSize(ofArktype)).toBeLessThanOrEqual(104)
  })

  it('counts numbers as 8 and booleans as 4', () => {
    expect(resultSize(z.number())).toBe(8)
    expect(resultSize(z.int())).toBe(8)
    expect(resultSize(z.boolean())).toBe(4)
  })

  it('counts what has no bound as nothing', () => {
    expect(resultSize(z.string())).toBe(0)
    expect(resultSize(z.array(z.string().max(10)))).toBe(0)
    expect(resultSize(z.object({ text: z.string(), count: z.number() }))).toBe('textcount'.length + 8)
    expect(resultSize(z.any())).toBe(0)
  })

  it('is not known for a library that tells no JSON Schema', () => {
    expect(resultSize(v.pipe(v.string(), v.maxLength(100)))).toBe(0)
  })
})

it('configurationSize is that of the largest acknowledgement', () => {
  const telemetry = configuration(z.object({ unit: z.enum(['C', 'F']), seconds: z.number() }))
  const acknowledgement = { value: { unit: 'C', seconds: 60 }, ac: 200, av: 7, ad: 'x'.repeat(limits.detailLength) }
  expect(configurationSize('telemetry', telemetry)).toBe(hubSize({ telemetry: acknowledgement }))
})
