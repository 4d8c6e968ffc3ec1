import { action, defineContract, method, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { z } from 'zod'

/** A contract with one of everything. */
export const camera = defineContract({
  methods: {
    getLogs: method({ request: z.object({ lines: z.number() }), response: z.array(z.string()) }),
    /** Everything may be left out. */
    snapshot: method({ request: z.object({ quality: z.number().optional() }), response: z.string().optional() }),
    /** Takes and gives nothing. */
    ping: method(),
    /** What travels is not what each side sees. */
    shift: method({
      request: z.object({ at: z.string().transform(text => new Date(text)) }),
      response: z.object({ at: z.string().transform(text => new Date(text)) }),
    }),
  },
  actions: {
    reboot,
    calibrate: action({
      request: v.object({ target: v.number() }),
      phases: ['warming', 'measuring'],
      result: v.object({ offset: v.number() }),
      errors: ['sensorFault'],
      effects: ['idempotent'],
    }),
    /** The result is made into something that JSON cannot carry. */
    survey: action({ result: z.object({ at: z.string().transform(text => new Date(text)) }) }),
  },
})
