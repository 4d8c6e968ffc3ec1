import { describe, expect, it } from 'vitest'
import { RecordingListener } from '../../test/recording-listener.ts'
import { seededRandom } from '../../test/seeded-random.ts'
import { SimulatedLink } from '../../test/simulated-link.ts'
import { VirtualClock } from '../../test/virtual-clock.ts'
import { HubConnectionError, IdentityConflictError } from './errors.ts'
import type { ReconnectOptions } from './reconnect-delay.ts'
import { SupervisedConnection } from './supervised-connection.ts'

const takenOver = new HubConnectionError('ConnectionLost', 'the hub closed it')

/** Devices of one identity at a hub that keeps the newest connection of each identity alone. */
class Rivals {
  readonly clock: VirtualClock = new VirtualClock()
  readonly conflicts: { readonly device: number; readonly error: IdentityConflictError; readonly retryInMs: number }[] =
    []
  takeovers = 0
  readonly #random = seededRandom(3)
  #current: SimulatedLink | undefined

  add(device: number, reconnect: ReconnectOptions): SupervisedConnection {
    const listener = new (class extends RecordingListener {
      onIdentityConflict?: (error: IdentityConflictError, retryInMs: number) => void
    })()
    listener.onIdentityConflict = (error, retryInMs) => this.conflicts.push({ device, error, retryInMs })
    const connection = new SupervisedConnection(
      linkListener => {
        const link = new SimulatedLink(linkListener)
        this.clock.setTimeout(() => {
          const before = this.#current
          this.#current = link
          link.begin()
          if (before !== undefined) this.takeovers += 1
          before?.end(takenOver)
        }, 50)
        return link
      },
      listener,
      { clock: this.clock, random: this.#random, reconnect },
    )
    void connection.open()
    return connection
  }
}

describe('C11: two devices with one identity', () => {
  it.each(['single', 'fleet'] as const)('slow down and say so, with the profile %s', profile => {
    const rivals = new Rivals()
    rivals.add(1, { profile })
    rivals.add(2, { profile })
    rivals.clock.advance(60 * 60_000)
    // The SDK would take over some 400 times a second (trap 10).
    expect(rivals.takeovers).toBeLessThan(600)
  })

  it('are told after more than five takeovers within a minute', () => {
    const rivals = new Rivals()
    rivals.add(1, { profile: 'single', stableAfterInMs: 0 })
    rivals.add(2, { profile: 'single', stableAfterInMs: 0 })
    rivals.clock.advance(60_000)
    const [first] = rivals.conflicts
    expect(first?.error).toBeInstanceOf(IdentityConflictError)
    expect(first?.error).toMatchObject({ code: 'IdentityConflict', retryable: true, lossesInLastMinute: 6 })
    expect(first?.retryInMs).toBeGreaterThanOrEqual(30_000)
  })

  it('is not what five losses in a minute are taken for', () => {
    const clock = new VirtualClock()
    const conflicts: unknown[] = []
    const links: SimulatedLink[] = []
    const connection = new SupervisedConnection(
      listener => {
        const link = new SimulatedLink(listener)
        links.push(link)
        return link
      },
      Object.assign(new RecordingListener(), { onIdentityConflict: (error: unknown) => conflicts.push(error) }),
      { clock, random: () => 0, reconnect: { profile: 'single', stableAfterInMs: 0 } },
    )
    void connection.open()
    for (let loss = 0; loss < 50; loss += 1) {
      links.at(-1)?.begin()
      clock.advance(12_001)
      links.at(-1)?.end(takenOver)
      clock.advance(0)
    }
    expect(conflicts).toEqual([])
  })

  it('leaves no timer behind when closed', async () => {
    const rivals = new Rivals()
    const connections = [rivals.add(1, { profile: 'single' }), rivals.add(2, { profile: 'single' })]
    rivals.clock.advance(30_000)
    await Promise.all(connections.map(connection => connection.close()))
    rivals.clock.advance(100)
    expect(rivals.clock.pendingTimers).toBe(0)
  })
})
