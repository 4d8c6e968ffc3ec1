import { describe, expect, it } from 'vitest'
import { subscriptions } from '../../hub-core/session/subscription.ts'
import { hubTopic } from './hub-topic.ts'
import { parsePublishTopic } from './publish-topic.ts'
import { subscriptionOf, topicFiltersOf } from './subscription-filter.ts'

describe('parsePublishTopic', () => {
  it.each([
    ['devices/d1/messages/events', { kind: 'telemetry', propertyBag: '' }],
    ['devices/d1/messages/events/', { kind: 'telemetry', propertyBag: '' }],
    [
      'devices/d1/messages/events/%24.mid=id%201&a%20b=c%2Fd',
      { kind: 'telemetry', propertyBag: '%24.mid=id%201&a%20b=c%2Fd' },
    ],
    ['devices/d1/messages/events/a=1/', { kind: 'telemetry', propertyBag: 'a=1' }],
    ['$iothub/twin/GET/?$rid=0-a', { kind: 'twinGet', requestId: '0-a' }],
    [
      '$iothub/twin/PATCH/properties/reported/?$rid=7',
      { kind: 'reportedPatch', requestId: '7', expectedVersion: undefined },
    ],
    [
      '$iothub/twin/PATCH/properties/reported/?$rid=7&$version=3',
      { kind: 'reportedPatch', requestId: '7', expectedVersion: 3 },
    ],
    ['$iothub/methods/res/200/?$rid=1f', { kind: 'methodResponse', requestId: '1f', status: 200 }],
    ['$iothub/methods/res/-1/?$rid=1f', { kind: 'methodResponse', requestId: '1f', status: -1 }],
  ])('reads %s', (topic, expected) => {
    expect(parsePublishTopic(topic, 'd1')).toEqual(expected)
  })

  it.each([
    'devices/d2/messages/events/',
    'devices/d1/messages/eventsX',
    'devices/d1/messages/devicebound/',
    'devices/d1/modules/m1/messages/events/',
    '$iothub/twin/GET/',
    '$iothub/twin/GET/?rid=1',
    '$iothub/twin/DELETE/?$rid=1',
    '$iothub/twin/PATCH/properties/desired/?$rid=1',
    '$iothub/methods/res/ok/?$rid=1',
    '$iothub/methods/POST/x/?$rid=1',
    '$iothub/twin/res/200/?$rid=1',
    'anything',
  ])('does not allow %s', topic => {
    expect(parsePublishTopic(topic, 'd1')).toBeUndefined()
  })
})

describe('parsePublishTopic for a module', () => {
  it.each([
    ['devices/d1/modules/m1/messages/events', ''],
    ['devices/d1/modules/m1/messages/events/%24.on=out1', '%24.on=out1'],
    ['devices/d1/modules/m1/messages/events/%24.on=out1/', '%24.on=out1'],
  ])('reads %s', (topic, propertyBag) => {
    expect(parsePublishTopic(topic, 'd1/m1')).toEqual({ kind: 'telemetry', propertyBag })
  })

  it.each([
    'devices/d1/messages/events/',
    'devices/d1/modules/m2/messages/events/',
    'devices/d2/modules/m1/messages/events/',
  ])('does not allow %s', topic => {
    expect(parsePublishTopic(topic, 'd1/m1')).toBeUndefined()
  })
})

describe('topic filters', () => {
  it.each(['d1', 'd1/m1'])('of %s lead to their subscription and back', identity => {
    for (const subscription of subscriptions) {
      for (const filter of topicFiltersOf(subscription, identity)) {
        expect(subscriptionOf(filter, identity)).toBe(subscription)
      }
    }
  })

  it('never lead to more than the five subscriptions that the real hub allows', () => {
    for (const identity of ['d1', 'd1/m1']) {
      expect(subscriptions.flatMap(each => topicFiltersOf(each, identity)).length).toBeLessThanOrEqual(5)
    }
  })

  it.each([
    ['d1', '#'],
    ['d1', '$iothub/#'],
    ['d1', 'devices/d2/messages/devicebound/#'],
    ['d1', 'devices/d1/messages/events/#'],
    ['d1', 'devices/d1/modules/m1/inputs/#'],
    ['d1/m1', 'devices/d1/messages/devicebound/#'],
    ['d1/m1', 'devices/d1/modules/m2/inputs/#'],
  ])('of %s do not include %s', (identity, filter) => {
    expect(subscriptionOf(filter, identity)).toBeUndefined()
  })
})

describe('the topic of a method request', () => {
  it.each([
    ['reboot', 'reboot'],
    ['thermostat*getMaxMin', 'thermostat*getMaxMin'],
    ['a b', 'a%20b'],
    ['a/b?c#d+e%f', 'a%2Fb%3Fc%23d%2Be%25f'],
    ['größe', 'gr%C3%B6%C3%9Fe'],
  ])('carries the name %s', (name, encoded) => {
    expect(hubTopic.methodRequest(name, '1f')).toBe(`$iothub/methods/POST/${encoded}/?$rid=1f`)
  })
})
