import { defineContract, firmwareUpdate, method } from '@iothub-dm/protocol'
import * as v from 'valibot'

/** What the camera of this example can do. The device program and the back end both import it. */
export const camera = defineContract({
  modelId: 'dtmi:contoso:UpdatableCamera;1',
  methods: { getVersion: method({ response: v.string() }) },
  actions: { firmwareUpdate },
})
