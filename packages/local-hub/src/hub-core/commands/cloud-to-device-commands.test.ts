import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import type { AcknowledgementMode, LockedMessage } from '../cloud-to-device/cloud-to-device-message.ts'

const hour = 3_600_000

describe('a cloud-to-device message', () => {
  it('waits until the device asks for it', () => {
    const { core, clock } = coreFixture()
    const properties = { kind: 'alarm' }
    const messageId = core.cloudToDevice.send('d1', { payload: 'hé', properties, acknowledgement: 'full' })
    expect(messageId).toMatch(/^[0-9a-f]{32}$/)
    expect(core.identities.get('d1').cloudToDeviceMessageCount).toBe(1)
    expect(core.twins.get('d1').cloudToDeviceMessageCount).toBe(1)
    const received = core.cloudToDevice.receive('d1', 60_000)
    expect(received).toMatchObject({
      messageId,
      properties,
      acknowledgement: 'full',
      to: '/devices/d1/messages/devicebound',
      sequenceNumber: 1,
      deliveryCount: 0,
      enqueuedAt: clock.now(),
      expiresAt: clock.now() + hour,
      lockToken: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    })
    expect(Buffer.from(received?.payload ?? []).toString()).toBe('hé')
    core.cloudToDevice.complete('d1', received?.lockToken ?? '')
    expect(core.identities.get('d1').cloudToDeviceMessageCount).toBe(0)
  })

  it('reaches a subscribed connection at once, and again over the next one when it was not settled', () => {
    const { core, connect, events } = coreFixture()
    core.cloudToDevice.send('d1', { payload: '', messageId: 'before' })
    const first = connect('cloudToDeviceMessages')
    core.cloudToDevice.send('d1', { payload: '', messageId: 'after' })
    expect(first.messages.map(message => message.messageId)).toEqual(['before', 'after'])
    core.cloudToDevice.complete('d1', first.messages[0]?.lockToken ?? '')
    const second = connect()
    expect(second.messages).toMatchObject([{ messageId: 'after', deliveryCount: 1 }])
    expect(() => core.cloudToDevice.complete('d1', first.messages[1]?.lockToken ?? '')).toThrow(
      expect.objectContaining({ code: 'DeviceMessageLockLost' }),
    )
    expect(events).toContainEqual({
      type: 'cloudToDeviceSettled',
      deviceId: 'd1',
      messageId: 'before',
      outcome: 'completed',
    })
  })

  it.each([
    ['abandons it', 'abandon'],
    ['lets its lock run out', 'timeOut'],
  ] as const)('that a device received by HTTP reaches its subscribed connection when it %s', (_name, act) => {
    const { core, clock, connect } = coreFixture()
    core.cloudToDevice.send('d1', { payload: '', messageId: 'm' })
    const received = core.cloudToDevice.receive('d1', 60_000)
    const connection = connect('cloudToDeviceMessages')
    expect(connection.messages).toEqual([])
    if (act === 'abandon') core.cloudToDevice.abandon('d1', received?.lockToken ?? '')
    else clock.advance(60_000)
    expect(connection.messages).toMatchObject([{ messageId: 'm', deliveryCount: 1 }])
  })

  it.each([
    ['an unknown device', 'd2', {}, 'DeviceNotFound'],
    ['more than 64 KB', 'd1', { payload: 'x'.repeat(65_537) }, 'MessageTooLarge'],
    ['more than 64 KB with its properties', 'd1', { properties: { a: 'x'.repeat(65_536) } }, 'MessageTooLarge'],
    ['a life of more than two days', 'd1', { timeToLiveInMs: 48 * hour + 1 }, 'InvalidMessageExpiryTime'],
    ['a life without end', 'd1', { timeToLiveInMs: Number.NaN }, 'InvalidMessageExpiryTime'],
    ['a long id', 'd1', { messageId: 'x'.repeat(129) }, 'ArgumentInvalid'],
  ])('to or with %s is refused', (_name, deviceId, request, code) => {
    const { core } = coreFixture()
    expect(() => core.cloudToDevice.send(deviceId, { payload: '', ...request })).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it('goes with its device, and leaves no timer', () => {
    const { core, clock, events } = coreFixture()
    core.cloudToDevice.send('d1', { payload: '' })
    core.identities.delete('d1', { kind: 'any' })
    expect(events).toContainEqual(expect.objectContaining({ outcome: 'deviceDeleted' }))
    core.identities.put('d1', {}, { kind: 'none' })
    expect(core.cloudToDevice.receive('d1', 1)).toBeUndefined()
    core.cloudToDevice.send('d1', { payload: '' })
    core.close()
    expect(clock.pendingTimers).toBe(0)
  })
})

/** What the sender of a message is told when it ends like this. */
function settle(acknowledgement: AcknowledgementMode, act: 'complete' | 'reject' | 'purge' | 'expire'): unknown {
  const { core, clock } = coreFixture()
  core.cloudToDevice.send('d1', { payload: '', messageId: 'm', acknowledgement })
  const message: LockedMessage | undefined = core.cloudToDevice.receive('d1', hour * 2)
  const lockToken = message?.lockToken ?? ''
  if (act === 'complete') core.cloudToDevice.complete('d1', lockToken)
  else if (act === 'reject') core.cloudToDevice.reject('d1', lockToken)
  else if (act === 'purge') core.cloudToDevice.purge('d1')
  else clock.advance(hour)
  return core.cloudToDevice.receiveFeedback()?.records.map(record => record.statusCode)
}

describe('feedback', () => {
  it('is given on what the sender asked for', () => {
    expect(settle('full', 'complete')).toEqual(['Success'])
    expect(settle('full', 'purge')).toEqual(['Purged'])
    expect(settle('positive', 'complete')).toEqual(['Success'])
    expect(settle('positive', 'reject')).toBeUndefined()
    expect(settle('negative', 'complete')).toBeUndefined()
    expect(settle('negative', 'reject')).toEqual(['Rejected'])
    expect(settle('negative', 'expire')).toEqual(['Expired'])
    expect(settle('none', 'reject')).toBeUndefined()
  })

  it('comes again when it is abandoned, or not settled in time', () => {
    const { core, clock } = coreFixture()
    core.cloudToDevice.send('d1', { payload: '', messageId: 'm', acknowledgement: 'full' })
    core.cloudToDevice.purge('d1')
    core.cloudToDevice.abandonFeedback(core.cloudToDevice.receiveFeedback()?.lockToken ?? '')
    const again = core.cloudToDevice.receiveFeedback()
    expect(again?.records).toMatchObject([{ originalMessageId: 'm', deviceId: 'd1' }])
    clock.advance(60_000)
    const last = core.cloudToDevice.receiveFeedback()
    expect(last?.records).toEqual(again?.records)
    core.cloudToDevice.completeFeedback(last?.lockToken ?? '')
    expect(core.cloudToDevice.receiveFeedback()).toBeUndefined()
    expect(() => core.cloudToDevice.completeFeedback(last?.lockToken ?? '')).toThrow(
      expect.objectContaining({ code: 'DeviceMessageLockLost' }),
    )
  })
})
