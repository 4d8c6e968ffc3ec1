import type { JsonObject } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { readConfigurationState } from './configuration-state.ts'

const wanted = { fps: 5 }
const ack = (ac: number, av: number, value: JsonObject = wanted) => ({ camera: { value, ac, av, ad: 'because' } })

describe('the state of a configuration', () => {
  it.each<[string, JsonObject, JsonObject, string]>([
    ['nothing is desired or reported', {}, {}, 'unset'],
    ['the device has a default', {}, ack(203, 0), 'deviceDefault'],
    ['nothing is reported yet', { camera: wanted }, {}, 'pending'],
    ['only the default is reported yet', { camera: wanted }, ack(203, 0), 'pending'],
    ['the device is at work', { camera: wanted }, ack(202, 7), 'pending'],
    ['the device is done', { camera: wanted }, ack(200, 7), 'applied'],
    ['the device was done already, in an older version', { camera: wanted }, ack(200, 3), 'applied'],
    ['the device has the value before', { camera: wanted }, ack(200, 7, { fps: 4 }), 'pending'],
    ['the device refused it', { camera: wanted }, ack(400, 7, { fps: 4 }), 'failed'],
    ['the device failed', { camera: wanted }, ack(500, 7, { fps: 4 }), 'failed'],
    ['the device failed with the one before', { camera: wanted }, ack(500, 6, { fps: 4 }), 'pending'],
    // As Microsoft's samples report.
    ['status Success', { camera: wanted }, { camera: { fps: 5, status: 'Success' } }, 'applied'],
    ['status Success with the value before', { camera: wanted }, { camera: { fps: 4, status: 'Success' } }, 'pending'],
    ['status Pending', { camera: wanted }, { camera: { fps: 4, status: 'Pending', pendingConfig: wanted } }, 'pending'],
    ['status Error', { camera: wanted }, { camera: { fps: 4, status: 'Error' } }, 'failed'],
    ['the bare value', { camera: wanted }, { camera: { fps: 5 } }, 'applied'],
    ['lastDesiredStatus', { camera: wanted }, { lastDesiredStatus: { code: 200 }, lastDesiredVersion: 7 }, 'applied'],
    ['an old one', { camera: wanted }, { lastDesiredStatus: { code: 200 }, lastDesiredVersion: 6 }, 'pending'],
    ['lastDesiredStatus of a failure', { camera: wanted }, { lastDesiredStatus: { code: 400 } }, 'failed'],
  ])('%s', (_, desired, reported, state) => {
    expect(readConfigurationState('camera', { desired, reported }, 7).state).toBe(state)
  })

  it('tells why, and what is in use instead', () => {
    const twin = { desired: { camera: wanted }, reported: ack(400, 7, { fps: 4 }) }
    expect(readConfigurationState('camera', twin)).toEqual({
      state: 'failed',
      desired: wanted,
      ac: 400,
      ad: 'because',
      value: { fps: 4 },
    })
  })
})
