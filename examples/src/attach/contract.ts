import { action, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'

/** What the camera of this example can do. */
export const camera = defineContract({
  actions: {
    calibrate: action({
      request: v.object({ sensors: v.number() }),
      phases: ['warming', 'measuring'],
      result: v.object({ offset: v.number() }),
    }),
  },
})
