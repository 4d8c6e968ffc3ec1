import { applyMergePatch, type IotHubDmError, type JsonObject } from '@iothub-dm/protocol'
import { HubConnectionError, TwinRefusedError } from '../src/connection/errors.ts'
import type { DeviceTwin, HubConnection } from '../src/connection/hub-connection.ts'

interface PendingCall {
  /** undefined: the twin is read. */
  readonly patch: JsonObject | undefined
  readonly settle: (outcome: HubCallOutcome) => void
}

/** What becomes of a call: `lost` and `lostAfter` end its session before or after the hub has carried it out. */
export type HubCallOutcome = 'ok' | 'lost' | 'lostAfter' | 'timeout' | 429 | 400 | 500

/** Test support: the reported properties of a hub, and calls that end when and how the test says. */
export class SimulatedHub implements Pick<HubConnection, 'readTwin' | 'updateReported'> {
  reported: JsonObject = {}
  /** Patches that the hub has carried out. */
  readonly patches: JsonObject[] = []
  readonly #pending: PendingCall[] = []
  #version = 1

  /** Whether a call waits for its end. */
  get busy(): boolean {
    return this.#pending.length > 0
  }

  /** What the call that waits would send; undefined for a read. More than one call at once is never right. */
  get pendingPatch(): JsonObject | undefined {
    if (this.#pending.length !== 1) throw new TypeError(`expected one call under way, got ${this.#pending.length}`)
    return this.#pending[0]?.patch
  }

  /** Ends the call that waits. */
  settle(outcome: HubCallOutcome = 'ok'): void {
    void this.pendingPatch
    this.#pending.shift()?.settle(outcome)
  }

  readTwin(): Promise<DeviceTwin> {
    return this.#call(undefined, () => ({
      desired: {},
      desiredVersion: 1,
      reported: this.reported,
      reportedVersion: this.#version,
    }))
  }

  updateReported(patch: JsonObject): Promise<number> {
    return this.#call(patch, () => {
      this.patches.push(patch)
      this.reported = applyMergePatch(this.reported, patch)
      this.#version += 1
      return this.#version
    })
  }

  #call<TResult>(patch: JsonObject | undefined, carryOut: () => TResult): Promise<TResult> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: HubCallOutcome) => {
        if (outcome === 'ok') return resolve(carryOut())
        if (outcome === 'lostAfter') carryOut()
        return reject(failure(outcome, patch === undefined ? 'TwinReadRefused' : 'ReportRefused'))
      }
      this.#pending.push({ patch, settle })
    })
  }
}

function failure(outcome: Exclude<HubCallOutcome, 'ok'>, code: 'TwinReadRefused' | 'ReportRefused'): IotHubDmError {
  switch (outcome) {
    case 'lost':
    case 'lostAfter':
      return new HubConnectionError('ConnectionLost', 'simulated')
    case 'timeout':
      return new HubConnectionError('HubTimeout', 'simulated')
    default:
      return new TwinRefusedError(code, { status: outcome })
  }
}
