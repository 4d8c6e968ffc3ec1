import type { JsonObject } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { SimulatedHub } from '../../test/simulated-hub.ts'
import { VirtualClock } from '../../test/virtual-clock.ts'
import { HubError } from '../hub/hub-error.ts'
import type { ReportedListener } from './operation-tracker.ts'
import { TwinReadTracker } from './twin-read-tracker.ts'

class Recorder implements ReportedListener {
  readonly reported: JsonObject[] = []
  readonly errors: unknown[] = []

  onReported(reported: JsonObject): void {
    this.reported.push(reported)
  }

  onError(error: unknown): void {
    this.errors.push(error)
  }
}

function track(intervalInMs = 1_000) {
  const clock = new VirtualClock()
  const hub = new SimulatedHub(clock)
  hub.reported = { level: 1 }
  return { clock, hub, tracker: new TwinReadTracker(hub, clock, () => intervalInMs) }
}

const throttled = (retryAfterInMs?: number) =>
  new HubError('Throttled', 'slow down', { retryable: true, retryAfterInMs })

describe('reading', () => {
  it('happens at once and then every interval, once for a device however many listen', async () => {
    const { clock, hub, tracker } = track()
    const listeners = Array.from({ length: 20 }, () => new Recorder())
    for (const listener of listeners) tracker.watch('cam-1', listener)
    await clock.advance(10_000)
    expect(hub.reads.map(({ atInMs }) => atInMs)).toEqual(Array.from({ length: 11 }, (_, read) => read * 1_000))
    for (const { reported } of listeners) expect(reported).toHaveLength(11)
  })

  it('happens for each device by itself', async () => {
    const { clock, hub, tracker } = track()
    tracker.watch('cam-1', new Recorder())
    tracker.watch('cam-2', new Recorder())
    await clock.advance(2_000)
    expect(hub.reads.filter(({ deviceId }) => deviceId === 'cam-1')).toHaveLength(3)
    expect(hub.reads.filter(({ deviceId }) => deviceId === 'cam-2')).toHaveLength(3)
  })

  it('begins again after the answer, so that a slow hub is not read twice at a time', async () => {
    const { clock, hub, tracker } = track()
    let underWay = 0
    hub.onRead = async () => {
      underWay += 1
      expect(underWay).toBe(1)
      await new Promise<void>(resolve => clock.setTimeout(resolve, 2_500))
      underWay -= 1
      return {}
    }
    tracker.watch('cam-1', new Recorder())
    await clock.advance(10_000)
    expect(hub.reads.map(({ atInMs }) => atInMs)).toEqual([0, 3_500, 7_000])
  })

  it('does not happen while nobody listens, and leaves nothing behind', async () => {
    const { clock, hub, tracker } = track()
    const stop = [tracker.watch('cam-1', new Recorder()), tracker.watch('cam-1', new Recorder())]
    await clock.advance(1_500)
    stop[0]?.()
    stop[0]?.()
    await clock.advance(1_000)
    expect(hub.reads).toHaveLength(3)
    stop[1]?.()
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(60_000)
    expect(hub.reads).toHaveLength(3)
  })

  it('is cut when the last listener leaves in the middle', async () => {
    const { clock, hub, tracker } = track()
    hub.onRead = (_deviceId, { abortSignal }) =>
      new Promise((_resolve, reject) => {
        abortSignal?.addEventListener('abort', () => reject(abortSignal.reason))
      })
    const listener = new Recorder()
    const stop = tracker.watch('cam-1', listener)
    await clock.advance(0)
    stop()
    await clock.advance(60_000)
    expect(hub.reads[0]?.options.abortSignal?.aborted).toBe(true)
    expect(hub.reads).toHaveLength(1)
    expect(listener).toEqual(new Recorder())
    expect(clock.pendingTimers).toBe(0)
  })

  it('begins anew for who comes after everybody has left', async () => {
    const { clock, hub, tracker } = track()
    tracker.watch('cam-1', new Recorder())()
    const listener = new Recorder()
    tracker.watch('cam-1', listener)
    await clock.advance(0)
    expect(hub.reads).toHaveLength(1)
    expect(listener.reported).toEqual([{ level: 1 }])
  })
})

describe('a listener that joins', () => {
  it('brings the next read forward instead of waiting a whole interval', async () => {
    const { clock, hub, tracker } = track()
    tracker.watch('cam-1', new Recorder())
    await clock.advance(300)
    const late = [new Recorder(), new Recorder()]
    for (const listener of late) tracker.watch('cam-1', listener)
    await clock.advance(2_000)
    expect(hub.reads.map(({ atInMs }) => atInMs)).toEqual([0, 300, 1_300, 2_300])
    for (const { reported } of late) expect(reported).toHaveLength(3)
  })

  it('is not told what was read before it came, not even by a read that is under way', async () => {
    const { clock, hub, tracker } = track()
    hub.onRead = async () => {
      const level = hub.reads.length
      await new Promise<void>(resolve => clock.setTimeout(resolve, 400))
      return { level }
    }
    const first = new Recorder()
    const late = new Recorder()
    tracker.watch('cam-1', first)
    await clock.advance(200)
    tracker.watch('cam-1', late)
    await clock.advance(800)
    expect(hub.reads.map(({ atInMs }) => atInMs)).toEqual([0, 400])
    expect(first.reported).toEqual([{ level: 1 }, { level: 2 }])
    expect(late.reported).toEqual([{ level: 2 }])
  })

  it('waits with the others while the hub is to be spared', async () => {
    const { clock, hub, tracker } = track()
    hub.onRead = () => {
      throw throttled(10_000)
    }
    tracker.watch('cam-1', new Recorder())
    await clock.advance(1_000)
    tracker.watch('cam-1', new Recorder())
    await clock.advance(5_000)
    expect(hub.reads).toHaveLength(1)
  })

  it('may come, and another leave, while they are told', async () => {
    const { clock, tracker } = track()
    const first = new Recorder()
    const second = new Recorder()
    const stop = tracker.watch('cam-1', {
      onReported: () => {
        stop()
        tracker.watch('cam-1', second)
      },
      onError: () => {},
    })
    tracker.watch('cam-1', first)
    await clock.advance(2_000)
    expect(first.reported).toHaveLength(4)
    expect(second.reported).toHaveLength(3)
  })
})

describe('a read that fails', () => {
  it('is repeated after ever longer pauses, up to 30 seconds, and in the old rhythm once it succeeds', async () => {
    const { clock, hub, tracker } = track()
    const listener = new Recorder()
    hub.onRead = () => {
      if (hub.reads.length < 8) throw throttled()
      return {}
    }
    tracker.watch('cam-1', listener)
    await clock.advance(125_000)
    const pauses = hub.reads.slice(1).map(({ atInMs }, index) => atInMs - (hub.reads[index]?.atInMs ?? 0))
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 1_000, 1_000, 1_000, 1_000, 1_000])
    expect(listener.errors).toEqual([])
    expect(listener.reported).toHaveLength(6)
  })

  it('is not repeated before the hub wants it', async () => {
    const { clock, hub, tracker } = track()
    hub.onRead = () => {
      throw throttled(45_000)
    }
    tracker.watch('cam-1', new Recorder())
    await clock.advance(100_000)
    expect(hub.reads.map(({ atInMs }) => atInMs)).toEqual([0, 45_000, 90_000])
  })

  it('is not repeated faster than a long interval', async () => {
    const { clock, hub, tracker } = track(60_000)
    hub.onRead = () => {
      throw throttled()
    }
    tracker.watch('cam-1', new Recorder())
    await clock.advance(125_000)
    expect(hub.reads.map(({ atInMs }) => atInMs)).toEqual([0, 60_000, 120_000])
  })

  it.each([
    new HubError('DeviceNotFound', 'there is none', {}),
    new HubError('Unauthorized', 'wrong key', {}),
    new TypeError('a defect'),
  ])('for good is told to everybody, and nothing follows: $message', async error => {
    const { clock, hub, tracker } = track()
    const listeners = [new Recorder(), new Recorder()]
    const stops = listeners.map(listener => tracker.watch('cam-1', listener))
    await clock.advance(1_000)
    hub.onRead = () => {
      throw error
    }
    await clock.advance(60_000)
    for (const { errors } of listeners) expect(errors).toEqual([error])
    expect(hub.reads).toHaveLength(3)
    for (const stop of stops) stop()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('close', () => {
  it('tells everybody, and leaves nothing behind', async () => {
    const { clock, hub, tracker } = track()
    const listeners = ['cam-1', 'cam-1', 'cam-2'].map(deviceId => {
      const listener = new Recorder()
      tracker.watch(deviceId, listener)
      return listener
    })
    await clock.advance(0)
    tracker.close()
    tracker.close()
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(60_000)
    expect(hub.reads).toHaveLength(2)
    for (const { errors } of listeners) expect(errors).toEqual([expect.objectContaining({ code: 'ClientClosed' })])
  })

  it('is also told to who comes later', async () => {
    const { clock, hub, tracker } = track()
    tracker.close()
    const late = new Recorder()
    tracker.watch('cam-1', late)
    expect(late.errors).toEqual([])
    await clock.advance(60_000)
    expect(late.errors).toEqual([expect.objectContaining({ code: 'ClientClosed' })])
    expect(hub.reads).toEqual([])
  })
})
