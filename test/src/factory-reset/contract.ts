import { configuration, defineContract, factoryReset } from '@iothub-dm/protocol'
import * as v from 'valibot'

/** What the test device of the factory reset supports. */
export const recorder = defineContract({
  actions: { factoryReset },
  configurations: { recording: configuration(v.object({ fps: v.number() })) },
})
