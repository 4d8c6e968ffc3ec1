import { HubConnectionError } from '../src/connection/errors.ts'
import type { ReconnectOptions } from '../src/connection/reconnect-delay.ts'
import { SupervisedConnection } from '../src/connection/supervised-connection.ts'
import { RecordingListener } from './recording-listener.ts'
import { SimulatedLink } from './simulated-link.ts'
import { VirtualClock } from './virtual-clock.ts'

/** Test support: what an outage did to a fleet. Times in milliseconds from the loss. */
export interface OutageFigures {
  readonly attemptTimesInMs: readonly number[]
  readonly successTimesInMs: readonly number[]
}

/** How a fleet is simulated. */
export interface FleetOptions {
  readonly devices: number
  readonly outageInMs: number
  readonly reconnect: ReconnectOptions
  /** A number in [0, 1) at each call. */
  readonly random: () => number
}

/** Loses every connection at once, keeps the hub away for a while, and follows the fleet until all are back. */
export function simulateOutage({ devices, outageInMs, reconnect, random }: FleetOptions): OutageFigures {
  const clock = new VirtualClock()
  const connected = new Map<SupervisedConnection, SimulatedLink>()
  const attempts: number[] = []
  const successes: number[] = []
  let hubIsBackAtInMs = 0
  for (let index = 0; index < devices; index += 1) {
    const connection: SupervisedConnection = new SupervisedConnection(
      listener => {
        const link = new SimulatedLink(listener)
        attempts.push(clock.elapsedInMs)
        clock.setTimeout(() => {
          if (clock.elapsedInMs < hubIsBackAtInMs) return link.end(unavailable)
          successes.push(clock.elapsedInMs)
          connected.set(connection, link)
          return link.begin()
        }, 1)
        return link
      },
      new RecordingListener(),
      { clock, random, reconnect },
    )
    void connection.open()
  }
  clock.advance(60_000)

  const lossAtInMs = clock.elapsedInMs
  hubIsBackAtInMs = lossAtInMs + outageInMs
  const lost = [...connected.values()]
  connected.clear()
  attempts.length = 0
  successes.length = 0
  for (const link of lost) link.end(gone)
  clock.advance(outageInMs + 120_000)
  const sinceLoss = (times: readonly number[]) => times.map(time => time - lossAtInMs)
  return { attemptTimesInMs: sinceLoss(attempts), successTimesInMs: sinceLoss(successes) }
}

/** The most events within any one second. */
export function peakPerSecond(timesInMs: readonly number[]): number {
  const sorted = timesInMs.toSorted((left, right) => left - right)
  let peak = 0
  let start = 0
  for (const [end, time] of sorted.entries()) {
    while (time - (sorted[start] ?? time) >= 1_000) start += 1
    peak = Math.max(peak, end - start + 1)
  }
  return peak
}

const gone = new HubConnectionError('ConnectionLost', 'the hub closed every connection')
const unavailable = new HubConnectionError('HubUnavailable', 'the hub is away')
