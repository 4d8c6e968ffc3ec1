import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate, type LifeOptions, type SimulatedLife, startLife, until } from '../../test/simulated-life.ts'
import { type Handling, twoActions } from '../../test/two-actions.ts'
import {
  type AdmissionContext,
  type AdmissionGate,
  AdmissionRefusedError,
  type AdmissionRequest,
} from './admission-gate.ts'

async function live(admission: AdmissionGate, options: Partial<LifeOptions> & { readonly work?: Handling } = {}) {
  const { work = () => {}, ...rest } = options
  const life = await startLife({
    implementation: twoActions(work),
    fileSystem: new SimulatedDisk(),
    gate: admission,
    ...rest,
  })
  life.manager.resume()
  return life
}

/** Opens when a test says so; keeps what it was asked. */
class WindowGate implements AdmissionGate {
  readonly everyLife?: boolean
  readonly asked: AdmissionRequest[] = []
  readonly #window = gate()

  constructor(everyLife = false) {
    this.everyLife = everyLife
  }

  open(): void {
    this.#window.open()
  }

  async admit(request: AdmissionRequest, { signal, waiting }: AdmissionContext): Promise<void> {
    this.asked.push(request)
    await waiting('outside of the maintenance window', new Date(3_600_000))
    await Promise.race([
      this.#window.promise,
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ])
  }
}

function detailOf(life: SimulatedLife): string | undefined {
  return life.store.get('op')?.record.detail
}

describe('an admission gate', () => {
  it('holds an operation in waiting until it opens', async () => {
    const window = new WindowGate()
    const life = await live(window)
    await life.begin('work', { operationId: 'op', target: 5 })
    await life.reached('waiting')
    expect(detailOf(life)).toBe('outside of the maintenance window, until 1970-01-01T01:00:00.000Z')
    expect(window.asked).toEqual([
      {
        action: 'work',
        operationId: 'op',
        request: { target: 5 },
        acceptedTime: '1970-01-01T00:00:00.000Z',
        attempt: 1,
      },
    ])
    window.open()
    await life.reached('succeeded')
    await life.close()
  })

  it('is asked again by a device that restarts in the wait', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await live(new WindowGate(), { fileSystem })
    await first.begin('work', { operationId: 'op' })
    await first.reached('waiting')
    await first.close()
    const window = new WindowGate()
    const life = await live(window, { fileSystem })
    await until(() => window.asked.length === 1)
    expect(life.state()).toBe('waiting')
    window.open()
    await life.reached('succeeded')
    await life.close()
  })

  it('is not asked once the handler has begun, unless it wants to be', async () => {
    for (const everyLife of [false, true]) {
      const fileSystem = new SimulatedDisk()
      const window = new WindowGate(everyLife)
      window.open()
      const begun = gate()
      const hang = () => {
        begun.open()
        return new Promise<never>(() => {})
      }
      await (await live(window, { fileSystem, work: hang })).begin('work', { operationId: 'op' })
      await begun.promise
      const life = await live(window, { fileSystem })
      await life.reached('succeeded')
      expect(window.asked.map(({ attempt }) => attempt)).toEqual(everyLife ? [1, 2] : [1])
      await life.close()
    }
  })

  it('may refuse: the operation ends as rejected, with its words', async () => {
    const refusing: AdmissionGate = {
      admit: () => Promise.reject(new AdmissionRefusedError('the user said no', { retryable: true })),
    }
    const life = await live(refusing)
    await life.begin('work', { operationId: 'op' })
    await life.reached('rejected')
    const error = { code: 'AdmissionRefused', message: 'the user said no', retryable: true }
    expect(life.store.get('op')?.record).toMatchObject({ attempt: 0, error })
    await life.close()
  })

  it('that throws anything else does not let the operation begin', async () => {
    const failure = new TypeError('simulated')
    const life = await live({
      admit: () => {
        throw failure
      },
    })
    await life.begin('work', { operationId: 'op' })
    await life.reached('rejected')
    const message = 'the device could not decide whether to admit the operation'
    expect(life.store.get('op')?.record.error).toEqual({ code: 'AdmissionRefused', message, retryable: true })
    expect(life.errors).toEqual([failure])
    await life.close()
  })

  it('lets go of an operation that is cancelled while it waits', async () => {
    const life = await live(new WindowGate())
    await life.begin('work', { operationId: 'op' })
    await life.reached('waiting')
    expect(await life.manager.cancel('op')).toMatchObject({ status: 200 })
    await life.reached('cancelled')
    await life.close()
  })

  it('C4: lets go of an operation that expires while it waits', async () => {
    const life = await live(new WindowGate(), { clock: new ManualClock(0) })
    await life.begin('work', { operationId: 'op', expiresAt: '1970-01-01T00:30:00Z' })
    await life.reached('waiting')
    life.clock.advance(1_800_000)
    await life.reached('expired')
    await life.close()
  })

  it('is asked once it is the turn of an operation', async () => {
    const window = new WindowGate()
    const life = await live(window, { operations: { whenBusy: 'queue' } })
    await life.begin('work', { operationId: 'first' })
    await life.begin('work', { operationId: 'second' })
    await life.reached('waiting', 'second')
    await until(() => window.asked.length === 1)
    expect(window.asked.map(({ operationId }) => operationId)).toEqual(['first'])
    window.open()
    await life.reached('succeeded', 'second')
    expect(window.asked.map(({ operationId }) => operationId)).toEqual(['first', 'second'])
    await life.close()
  })
})
