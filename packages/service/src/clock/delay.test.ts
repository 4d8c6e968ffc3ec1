import { expect, it } from 'vitest'
import { VirtualClock } from '../../test/virtual-clock.ts'
import { closingClock } from './clock.ts'
import { delay } from './delay.ts'

it('waits as long as it is told', async () => {
  const clock = new VirtualClock()
  const over = delay(clock, 100)
  await clock.advance(99)
  await expect(Promise.race([over, Promise.resolve('waiting')])).resolves.toBe('waiting')
  await clock.advance(1)
  await over
})

it.each(['before', 'during'])(
  'ends with the reason of a signal that is aborted %s, and leaves no timer',
  async when => {
    const clock = new VirtualClock()
    const abort = new AbortController()
    if (when === 'before') abort.abort(new Error('enough'))
    const over = delay(clock, 100, abort.signal)
    abort.abort(new Error('enough'))
    await expect(over).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
  },
)

it('ends when the client is closed that the clock belongs to', async () => {
  const clock = new VirtualClock()
  const closing = new AbortController()
  const over = delay(closingClock(clock, closing.signal), 100, new AbortController().signal)
  closing.abort(new Error('closed'))
  await expect(over).rejects.toThrow('closed')
  expect(clock.pendingTimers).toBe(0)
})
