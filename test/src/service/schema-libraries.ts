import { action, defineContract, method } from '@iothub-dm/protocol'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'

/**
 * The same method and action three times, with the schemas of three libraries side by side. What travels are texts, what both sides
 * see are dates.
 */
export const clock = defineContract({
  methods: {
    setByZod: method({
      request: z.object({ at: z.iso.datetime().transform(text => new Date(text)) }),
      response: z.object({ was: z.iso.datetime().transform(text => new Date(text)) }),
    }),
    setByValibot: method({
      request: v.object({ at: v.pipe(v.string(), v.isoTimestamp(), v.toDate()) }),
      response: v.object({ was: v.pipe(v.string(), v.isoTimestamp(), v.toDate()) }),
    }),
    setByArktype: method({
      request: type({ at: 'string.date.iso.parse' }),
      response: type({ was: 'string.date.iso.parse' }),
    }),
    /** Takes nothing, or a note. */
    note: method({ request: v.object({ text: v.optional(v.string()) }), response: v.optional(v.string()) }),
  },
  actions: {
    adjustByZod: action({
      request: z.object({ by: z.number().int() }),
      result: z.object({ now: z.iso.datetime().transform(text => new Date(text)) }),
      phases: ['measuring', 'adjusting'],
      errors: ['tooFar'],
    }),
    adjustByValibot: action({
      request: v.object({ by: v.pipe(v.number(), v.integer()) }),
      result: v.object({ now: v.pipe(v.string(), v.isoTimestamp(), v.toDate()) }),
      phases: ['measuring', 'adjusting'],
      errors: ['tooFar'],
    }),
    adjustByArktype: action({
      request: type({ by: 'number.integer' }),
      result: type({ now: 'string.date.iso.parse' }),
      phases: ['measuring', 'adjusting'],
      errors: ['tooFar'],
    }),
  },
})
