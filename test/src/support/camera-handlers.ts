import { type Implementation, implement } from '@iothub-dm/device'
import { noteInBlackBox } from './black-box.ts'
import { camera } from './contract.ts'
import { rebootExitCode } from './device-messages.ts'
import { settings } from './device-settings.ts'
import { passGate } from './gate.ts'

const { blackBox, bootId, secret } = settings

function effect(name: string, attempt: number): void {
  noteInBlackBox(blackBox, { type: 'effect', name, attempt })
}

/** The software of the test device. */
export const cameraSoftware: Implementation = implement(camera, {
  methods: {
    getLogs: ({ lines }) => Array.from({ length: lines }, (_, index) => `line ${index + 1} of ${bootId}`),
    async takePicture() {
      effect('picture', 1)
      await passGate('picture')
      return { bytes: 1024 }
    },
    focus() {
      throw new Error(`the lens is stuck: ${secret}`)
    },
    stream: () => new Promise(() => {}),
  },
  actions: {
    async reboot(op) {
      await op.step('flush', ({ attempt }) => effect('flush', attempt))
      await passGate('beforeRestart', op.signal)
      await op.restart(() => {
        effect('restart', op.attempt)
        process.exit(rebootExitCode)
      })
      await passGate('afterRestart', op.signal)
      await op.step('selfTest', ({ attempt }) => effect('selfTest', attempt))
    },
    async calibrate(op) {
      op.phase('warming')
      op.progress(50, 'half warm')
      const degrees = await op.step('warm', ({ attempt }) => {
        effect('warm', attempt)
        return 40
      })
      await passGate('warm', op.signal)
      op.phase('measuring')
      if (op.request.target < 0) op.fail('sensorFault', 'the sensor gives no value')
      return op.step('measure', ({ attempt }) => {
        effect('measure', attempt)
        return { offset: op.request.target - degrees }
      })
    },
    polish() {
      effect('polish', 1)
      throw new Error(`no cloth: ${secret}`)
    },
    async expose(op) {
      effect('expose', op.attempt)
      await passGate('exposing', op.signal)
      return { frames: 24 }
    },
  },
})
