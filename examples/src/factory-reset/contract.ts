import { defineContract, factoryReset, method } from '@iothub-dm/protocol'
import * as v from 'valibot'

/** What the camera of this example can do. */
export const camera = defineContract({
  methods: {
    takePhoto: method(),
    getStatus: method({ response: v.object({ photos: v.number(), network: v.string() }) }),
  },
  actions: { factoryReset },
})
