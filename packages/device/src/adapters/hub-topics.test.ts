import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { methodAnswerTopic, parseHubTopic, reportTopic, twinReadTopic } from './hub-topics.ts'

describe('topics of the hub', () => {
  it('reads a direct method', () => {
    expect(parseHubTopic('$iothub/methods/POST/reboot/?$rid=7')).toEqual({
      kind: 'method',
      methodName: 'reboot',
      requestId: '7',
    })
  })

  // The SDK does not decode names and never dispatches these (trap 36).
  it.each(['get logs', 'get%20logs'])('decodes the method name %o', name => {
    expect(parseHubTopic(`$iothub/methods/POST/${name}/?$rid=1`)).toMatchObject({ methodName: 'get logs' })
  })

  it('decodes a name only once, and leaves one that cannot be decoded', () => {
    expect(parseHubTopic('$iothub/methods/POST/a%2520b/?$rid=1')).toMatchObject({ methodName: 'a%20b' })
    expect(parseHubTopic('$iothub/methods/POST/100%/?$rid=1')).toMatchObject({ methodName: '100%' })
  })

  it('reads back any encoded name and any request id', () => {
    const requestId = fc.stringMatching(/^[0-9a-f-]{1,40}$/)
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), requestId, (methodName, id) => {
        const topic = `$iothub/methods/POST/${encodeURIComponent(methodName)}/?$rid=${id}&more=1`
        expect(parseHubTopic(topic)).toEqual({ kind: 'method', methodName, requestId: id })
      }),
    )
  })

  it('reads answers to twin requests', () => {
    expect(parseHubTopic('$iothub/twin/res/204/?$rid=a-1&$version=12')).toEqual({
      kind: 'twinAnswer',
      status: 204,
      requestId: 'a-1',
      version: 12,
    })
    expect(parseHubTopic('$iothub/twin/res/429/?$rid=a-1')).toEqual({
      kind: 'twinAnswer',
      status: 429,
      requestId: 'a-1',
    })
  })

  it('reads patches of the desired properties', () => {
    expect(parseHubTopic('$iothub/twin/PATCH/properties/desired/?$version=6')).toEqual({ kind: 'desired', version: 6 })
    expect(parseHubTopic('$iothub/twin/PATCH/properties/desired/?$version=x')).toEqual({ kind: 'desired' })
  })

  it.each([
    '',
    '$iothub/methods/POST//?$rid=1',
    '$iothub/methods/POST/reboot/',
    '$iothub/twin/res/ok/?$rid=1',
    '$iothub/twin/res/200/?$version=1',
    'devices/camera-1/messages/devicebound/%24.mid=1',
  ])('knows nothing of %o', topic => {
    expect(parseHubTopic(topic)).toBeUndefined()
  })

  it('writes topics', () => {
    expect(twinReadTopic('1')).toBe('$iothub/twin/GET/?$rid=1')
    expect(reportTopic('1')).toBe('$iothub/twin/PATCH/properties/reported/?$rid=1')
    expect(methodAnswerTopic(200, '1')).toBe('$iothub/methods/res/200/?$rid=1')
  })
})
