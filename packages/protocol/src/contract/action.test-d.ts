import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../schema/standard-schema.ts'
import {
  type ActionDefinition,
  type ActionRequestInput,
  type ActionRequestOutput,
  type ActionResultInput,
  type ActionResultOutput,
  action,
  type Effect,
  type ErrorCodeOf,
  type ObjectRequest,
  type PhaseOf,
  type SecretOf,
} from './action.ts'

describe('action', () => {
  it('infers phases, error codes and effects as literals without `as const`', () => {
    const calibrate = action({
      phases: ['warming', 'measuring'],
      errors: ['sensorFault'],
      effects: ['idempotent', 'restarts'],
    })
    expectTypeOf<PhaseOf<typeof calibrate>>().toEqualTypeOf<'warming' | 'measuring'>()
    expectTypeOf<ErrorCodeOf<typeof calibrate>>().toEqualTypeOf<'sensorFault'>()
    expectTypeOf(calibrate.effects).toEqualTypeOf<readonly ('idempotent' | 'restarts')[]>()
  })

  it('has none of what was left out', () => {
    const plain = action()
    expectTypeOf(plain).toEqualTypeOf<ActionDefinition<undefined, undefined, never, never, never>>()
    expectTypeOf<ActionRequestInput<typeof plain>>().toEqualTypeOf<undefined>()
    expectTypeOf<ActionResultOutput<typeof plain>>().toEqualTypeOf<undefined>()
    expectTypeOf<PhaseOf<typeof plain>>().toEqualTypeOf<never>()
    expectTypeOf(plain).toExtend<ActionDefinition>()
  })

  it('gives each side its own type of a schema that transforms', () => {
    const schedule = action({
      request: v.object({
        at: v.pipe(
          v.string(),
          v.isoTimestamp(),
          v.transform(text => new Date(text)),
        ),
      }),
      result: z.object({ count: z.string().transform(Number) }),
    })
    expectTypeOf<ActionRequestInput<typeof schedule>>().toEqualTypeOf<{ at: string }>()
    expectTypeOf<ActionRequestOutput<typeof schedule>>().toEqualTypeOf<{ at: Date }>()
    expectTypeOf<ActionResultInput<typeof schedule>>().toEqualTypeOf<{ count: string }>()
    expectTypeOf<ActionResultOutput<typeof schedule>>().toEqualTypeOf<{ count: number }>()
  })

  it('takes members of the request as secrets, and nothing else', () => {
    const request = v.object({ url: v.string(), size: v.optional(v.number()) })
    action({ request, secrets: ['url', 'size'] })
    // @ts-expect-error: no member of the request
    action({ request, secrets: ['uri'] })
    // @ts-expect-error: there is no request
    action({ secrets: ['url'] })
    const either = v.union([v.object({ url: v.string() }), v.object({ image: v.string() })])
    action({ request: either, secrets: ['url', 'image'] })
    action({ request: v.record(v.string(), v.string()), secrets: ['anything'] })
    expectTypeOf<SecretOf<typeof request>>().toEqualTypeOf<'url' | 'size'>()
    expectTypeOf<SecretOf<undefined>>().toEqualTypeOf<never>()
  })

  it('takes any object as the request', () => {
    action({ request: z.object({ delay: z.number().optional() }) })
    action({ request: v.looseObject({ delay: v.number() }) })
    action({ request: z.record(z.string(), z.number()) })
    action({ request: type({ 'delay?': 'number' }) })
    action({ request: v.union([v.object({ a: v.string() }), v.object({ b: v.number() })]) })
    action({ request: z.any() })
    action({ request: undefined, phases: undefined, errors: undefined, effects: undefined, result: undefined })
  })

  it('refuses a request that is no object', () => {
    // @ts-expect-error - a request must be an object
    action({ request: z.string() })
    // @ts-expect-error - a request must be an object
    action({ request: v.nullable(v.object({ a: v.string() })) })
    // @ts-expect-error - a request must be an object
    action({ request: type('number') })
    // @ts-expect-error - a request must be an object, not an array
    action({ request: z.array(z.string()) })
    // @ts-expect-error - a request must be an object, not a tuple
    action({ request: v.tuple([v.string()]) })
  })

  it('refuses a request with a reserved member', () => {
    // @ts-expect-error - operationId travels beside the members of the request
    action({ request: z.object({ operationId: z.string() }) })
    // @ts-expect-error - expiresAt travels beside the members of the request
    action({ request: v.object({ expiresAt: v.optional(v.string()) }) })
  })

  it('refuses an unknown effect and what is no schema', () => {
    // @ts-expect-error - an effect is one of four words
    action({ effects: ['harmless'] })
    // @ts-expect-error - not a Standard Schema
    action({ result: { offset: 'number' } })
    // @ts-expect-error - a misspelt option
    action({ phase: ['warming'] })
  })
})

describe('ObjectRequest', () => {
  it('says why a request is refused', () => {
    expectTypeOf<
      ObjectRequest<Schema<string>>
    >().toEqualTypeOf<"The request of an action must be an object: 'operationId' travels beside its members">()
    expectTypeOf<
      ObjectRequest<Schema<string[]>>
    >().toEqualTypeOf<"The request of an action must be an object, not an array: 'operationId' travels beside its members">()
    expectTypeOf<
      ObjectRequest<Schema<{ operationId: string }>>
    >().toEqualTypeOf<"The members 'operationId' and 'expiresAt' of a request are reserved: they travel beside its own">()
    expectTypeOf<ObjectRequest<Schema<{ delay: number }>>>().toEqualTypeOf<unknown>()
    expectTypeOf<ObjectRequest<undefined>>().toEqualTypeOf<unknown>()
  })
})

it('Effect is one of four words', () => {
  expectTypeOf<Effect>().toEqualTypeOf<'idempotent' | 'restarts' | 'losesData' | 'irreversible'>()
})
