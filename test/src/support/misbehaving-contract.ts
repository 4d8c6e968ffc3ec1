import { action, defineContract, method } from '@iothub-dm/protocol'
import * as v from 'valibot'

/** Methods and actions whose handlers do what handlers should not. */
export const misbehaving = defineContract({
  methods: {
    ping: method({ response: v.string() }),
    /** Ends the process. */
    exit: method(),
    /** Keeps the event loop to itself for a while. */
    block: method({ request: v.object({ milliseconds: v.number() }), response: v.string() }),
    /** Answers with more than a hub takes. */
    huge: method({ request: v.object({ megabytes: v.number() }), response: v.string() }),
  },
  actions: {
    /** Ends the process in every life. */
    crash: action(),
    /** Results in more than a hub takes. */
    hoard: action({ request: v.object({ megabytes: v.number() }), result: v.string() }),
  },
})

/** Exit code of the program when a handler has ended it. */
export const crashExitCode = 70
