import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'

describe('mqtt.js', () => {
  it('is the copy that the SDK works with', () => {
    const ours = createRequire(import.meta.url)
    const sdks = createRequire(ours.resolve('azure-iot-mqtt-base'))
    expect(realpathSync(ours.resolve('mqtt'))).toBe(realpathSync(sdks.resolve('mqtt')))
    expect(ours('mqtt/package.json')).toMatchObject({ version: '4.3.8' })
  })
})
