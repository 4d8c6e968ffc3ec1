import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { mqttLibrary } from './mqtt-library.ts'

describe('mqtt.js', () => {
  it('is the copy that the SDK works with, of the version that the types are of', () => {
    const ours = createRequire(import.meta.url)
    const sdks = createRequire(ours.resolve('azure-iot-mqtt-base'))
    expect(mqttLibrary()).toBe(sdks('mqtt'))
    expect(sdks('mqtt/package.json').version).toBe(ours('mqtt/package.json').version)
  })
})
