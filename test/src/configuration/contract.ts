import { configuration, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'

/** What the test device of the configurations supports. */
export const device = defineContract({
  configurations: {
    telemetry: configuration(v.object({ fps: v.pipe(v.number(), v.maxValue(60)) })),
    zones: configuration(v.array(v.number())),
  },
})
