import { defineContract, method, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'

/** What the demo's camera can do. The device program and the back end both import it. */
export const camera = defineContract({
  modelId: 'dtmi:contoso:Camera;1',
  methods: {
    getLogs: method({
      request: v.object({ lines: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
      response: v.array(v.string()),
    }),
  },
  actions: { reboot },
})
