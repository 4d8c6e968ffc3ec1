import { expect, it } from 'vitest'
import { ChangeSignal } from './change-signal.ts'

it('wakes everybody who waits, and nobody who comes later', async () => {
  const changed = new ChangeSignal()
  const first = [changed.wait(), changed.wait()]
  changed.notify()
  await Promise.all(first)
  const second = changed.wait()
  await expect(Promise.race([second, Promise.resolve('asleep')])).resolves.toBe('asleep')
  changed.notify()
  await second
})

it('ends a wait with the reason of its signal, and only this one', async () => {
  const changed = new ChangeSignal()
  const abort = new AbortController()
  const aborted = changed.wait(abort.signal)
  const other = changed.wait()
  abort.abort(new Error('enough'))
  await expect(aborted).rejects.toThrow('enough')
  await expect(changed.wait(abort.signal)).rejects.toThrow('enough')
  changed.notify()
  await other
})
