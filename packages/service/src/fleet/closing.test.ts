import { describe, expect, it } from 'vitest'
import { type SimulatedFleet, simulateFleet } from '../../test/simulated-fleet.ts'
import { HubError } from '../hub/hub-error.ts'

describe('close', () => {
  it.each<[string, (simulated: SimulatedFleet) => Promise<unknown>]>([
    ['the wait for an operation to show', ({ cam1 }) => cam1.actions.reboot.attach('op-9')],
    [
      'the pause before another try',
      ({ cam1 }) => cam1.actions.reboot.begin({}, { retry: { maxTries: 5, firstDelayInMs: 10_000 } }),
    ],
    [
      'the wait for a page that was put off',
      async ({ fleet }) => {
        for await (const _ of fleet.query()) break
      },
    ],
  ])('settles %s at once, and leaves no timer', async (_, wait) => {
    const simulated = simulateFleet()
    const { clock, hub, fleet } = simulated
    const throttled = new HubError('Throttled', 'slower', { retryable: true, retryAfterInMs: 60_000 })
    hub.onCall = () => {
      throw throttled
    }
    hub.onQuery = () => {
      throw throttled
    }
    const waiting = wait(simulated)
    const told = expect(waiting).rejects.toMatchObject({ code: 'ClientClosed' })
    await clock.advance(1)
    expect(clock.pendingTimers).toBeGreaterThan(0)
    await fleet.close()
    await told
    expect(clock.pendingTimers).toBe(0)
  })
})
