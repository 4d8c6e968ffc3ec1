import { action, defineContract, method, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'

/** What the test device and the back ends of the tests have in common. */
export const camera = defineContract({
  modelId: 'dtmi:contoso:Camera;1',
  methods: {
    getLogs: method({
      request: v.object({ lines: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)) }),
      response: v.array(v.string()),
    }),
    /** Its handler stops at the gate `picture`. */
    takePicture: method({ response: v.object({ bytes: v.number() }) }),
    /** Its handler throws. */
    focus: method(),
    /** Its handler never answers. */
    stream: method(),
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
    /** Its handler throws. */
    polish: action(),
    /** Takes until it is cancelled, or the gate `exposing` opens. */
    expose: action({ result: v.object({ frames: v.number() }) }),
  },
})
