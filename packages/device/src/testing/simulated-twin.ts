import { applyMergePatch, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import type { HubConnection, HubConnectionListener, MethodAnswer } from '../connection/hub-connection.ts'
import type { SimulatedLife } from './simulated-life.ts'

/** The hub, as far as one device needs it: reported properties that outlive it, and calls of its methods. */
export class SimulatedTwin {
  reported: JsonObject = {}
  #version = 1
  #listener: HubConnectionListener | undefined

  /** The way of one life to the hub. */
  connect(listener: HubConnectionListener, life: SimulatedLife): HubConnection {
    return {
      open: async () => {
        this.#listener = listener
        listener.onSession()
      },
      startOver: () => listener.onSession(),
      close: async () => {
        this.#listener = undefined
      },
      readTwin: async () => {
        await life.pass('reading the twin')
        return { desired: {}, desiredVersion: 1, reported: this.reported, reportedVersion: this.#version }
      },
      updateReported: patch =>
        life.act('reporting to the hub', () => {
          this.reported = applyMergePatch(this.reported, patch)
          this.#version += 1
          return this.#version
        }),
    }
  }

  /** Calls a direct method of the device that is connected. */
  async call(methodName: string, payload: JsonValue): Promise<MethodAnswer> {
    if (this.#listener === undefined) throw new TypeError('no device is connected')
    const bytes = new TextEncoder().encode(JSON.stringify(payload))
    return this.#listener.onMethod({ methodName, requestId: '1', payload: bytes })
  }
}
