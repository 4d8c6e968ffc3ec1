import { expect, it } from 'vitest'
import { VirtualClock } from '../../test/virtual-clock.ts'
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
