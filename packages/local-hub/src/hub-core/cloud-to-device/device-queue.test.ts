import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock/manual-clock.ts'
import type { CloudToDeviceMessage } from './cloud-to-device-message.ts'
import { DeviceQueue, maxDeliveryCount, maxQueueDepth } from './device-queue.ts'

const lockLost = expect.objectContaining({ status: 412, code: 'DeviceMessageLockLost' })

function setUp() {
  const clock = new ManualClock(0)
  const settled: string[] = []
  const queue = new DeviceQueue(clock, ({ messageId }, outcome) => settled.push(`${messageId} ${outcome}`))
  const add = (messageId: string, expiresAt = 1000): void => queue.add({ ...message, messageId, expiresAt })
  return { clock, queue, settled, add }
}

const message: CloudToDeviceMessage = {
  payload: new Uint8Array(),
  messageId: '',
  to: '/devices/d1/messages/devicebound',
  correlationId: undefined,
  userId: undefined,
  contentType: undefined,
  contentEncoding: undefined,
  acknowledgement: 'none',
  properties: {},
  sequenceNumber: 1,
  enqueuedAt: 0,
  expiresAt: 1000,
  deviceGenerationId: '1',
}

describe('DeviceQueue', () => {
  it('hands out the oldest message that nobody holds', () => {
    const { queue, add } = setUp()
    add('a')
    add('b')
    expect(queue.lockNext({ token: '1' })).toMatchObject({ messageId: 'a', lockToken: '1', deliveryCount: 0 })
    expect(queue.lockNext({ token: '2' })).toMatchObject({ messageId: 'b' })
    expect(queue.lockNext({ token: '3' })).toBeUndefined()
    queue.abandon('1')
    expect(queue.lockNext({ token: '4' })).toMatchObject({ messageId: 'a', deliveryCount: 1 })
  })

  it('settles each message once, by its lock', () => {
    const { queue, add, settled, clock } = setUp()
    add('a')
    add('b')
    queue.lockNext({ token: '1' })
    queue.lockNext({ token: '2' })
    queue.settle('1', 'completed')
    queue.settle('2', 'rejected')
    expect(settled).toEqual(['a completed', 'b rejected'])
    expect(() => queue.settle('1', 'completed')).toThrow(lockLost)
    expect(() => queue.abandon('2')).toThrow(lockLost)
    expect([queue.size, clock.pendingTimers]).toEqual([0, 0])
  })

  it('lets messages expire, also while they are locked', () => {
    const { queue, add, settled, clock } = setUp()
    add('a', 10)
    add('b', 20)
    queue.lockNext({ token: '1' })
    clock.advance(10)
    expect(settled).toEqual(['a expired'])
    expect(() => queue.settle('1', 'completed')).toThrow(lockLost)
    clock.advance(10)
    expect(settled).toEqual(['a expired', 'b expired'])
  })

  it('ends a lock after its time, and counts the delivery', () => {
    const { queue, add, clock } = setUp()
    add('a')
    queue.lockNext({ token: '1', timeout: { inMs: 60, onRelease: () => {} } })
    clock.advance(59)
    expect(queue.lockNext({ token: '2' })).toBeUndefined()
    clock.advance(1)
    expect(() => queue.settle('1', 'completed')).toThrow(lockLost)
    expect(queue.lockNext({ token: '3' })).toMatchObject({ deliveryCount: 1 })
  })

  it('takes back what a connection held, and nothing else', () => {
    const { queue, add } = setUp()
    const [lost, other] = [{}, {}]
    for (const id of ['a', 'b', 'c']) add(id)
    queue.lockNext({ token: '1', holder: lost })
    queue.lockNext({ token: '2', holder: other })
    queue.releaseHeldBy(lost)
    expect(queue.lockNext({ token: '3' })).toMatchObject({ messageId: 'a' })
    expect(queue.lockNext({ token: '4' })).toMatchObject({ messageId: 'c' })
  })

  it('gives a message up after ten deliveries', () => {
    const { queue, add, settled } = setUp()
    add('a')
    for (let delivery = 0; delivery < maxDeliveryCount; delivery += 1) {
      expect(queue.lockNext({ token: 't' })).toMatchObject({ deliveryCount: delivery })
      queue.abandon('t')
    }
    expect(settled).toEqual(['a deliveryCountExceeded'])
  })

  it('refuses what is too much, and is emptied at once', () => {
    const { queue, add, settled, clock } = setUp()
    for (let index = 0; index < maxQueueDepth; index += 1) add(`m${index}`)
    expect(() => add('more')).toThrow(expect.objectContaining({ status: 403, number: 403004 }))
    expect(queue.clear('purged')).toBe(maxQueueDepth)
    expect([queue.size, settled.length, clock.pendingTimers]).toEqual([0, maxQueueDepth, 0])
  })
})
