import { applyMergePatch, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import { HubConnectionError } from '../src/connection/errors.ts'
import type {
  DeviceTwin,
  HubConnection,
  HubConnectionListener,
  MethodAnswer,
} from '../src/connection/hub-connection.ts'

/** Test support: a hub in memory that answers everything at once, and calls the device. */
export class MemoryHub {
  reported: JsonObject = {}
  /** Fails the next `open` of a connection with this. */
  refusal: Error | undefined
  #listener: HubConnectionListener | undefined

  /** Given to an agent as its way to the hub. */
  readonly connect = (listener: HubConnectionListener): HubConnection => {
    let closed = false
    return {
      open: async () => {
        if (closed) throw new HubConnectionError('ConnectionClosed', 'closed')
        if (this.refusal !== undefined) throw this.refusal
        this.#listener = listener
        listener.onSession()
      },
      startOver: () => {
        if (this.#listener !== undefined) this.renew()
      },
      close: async () => {
        closed = true
        this.#listener = undefined
      },
      readTwin: async (): Promise<DeviceTwin> => {
        return { desired: {}, desiredVersion: 1, reported: this.reported, reportedVersion: 1 }
      },
      updateReported: async patch => {
        this.reported = applyMergePatch(this.reported, patch)
        return 1
      },
    }
  }

  /** Whether a device is connected. */
  get connected(): boolean {
    return this.#listener !== undefined
  }

  /** Ends the session of the device, and begins another one. */
  renew(): void {
    this.#listener?.onLost(new HubConnectionError('ConnectionLost', 'simulated'))
    this.#listener?.onSession()
  }

  /** Calls a direct method of the device. */
  async call(methodName: string, payload: JsonValue = null): Promise<MethodAnswer> {
    if (this.#listener === undefined) throw new TypeError('no device is connected')
    const body = new TextEncoder().encode(JSON.stringify(payload))
    return this.#listener.onMethod({ methodName, requestId: '1', payload: body })
  }
}
