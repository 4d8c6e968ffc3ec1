import { readFileSync, writeFileSync } from 'node:fs'
import { applyMergePatch, isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import type { DeviceTwin, HubConnection, HubConnectionListener } from '../../src/connection/hub-connection.ts'

/** Reads the reported properties that a {@link FileHub} has kept. */
export function readReported(path: string): JsonObject {
  try {
    const reported: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isJsonObject(reported) ? reported : {}
  } catch {
    return {}
  }
}

/** Test support: a hub that outlives the device, as its reported properties are in a file. */
export class FileHub implements HubConnection {
  readonly #path: string
  readonly #listener: HubConnectionListener
  /** Called after each call through the connection, once the device has had time to take it in. */
  readonly #onSettled: () => void

  constructor(path: string, listener: HubConnectionListener, onSettled: () => void) {
    this.#path = path
    this.#listener = listener
    this.#onSettled = onSettled
  }

  async open(): Promise<void> {
    this.#listener.onSession()
  }

  async close(): Promise<void> {}

  async readTwin(): Promise<DeviceTwin> {
    setImmediate(this.#onSettled)
    return { desired: {}, desiredVersion: 1, reported: readReported(this.#path), reportedVersion: 1 }
  }

  async updateReported(patch: JsonObject): Promise<number> {
    writeFileSync(this.#path, JSON.stringify(applyMergePatch(readReported(this.#path), patch)))
    setImmediate(this.#onSettled)
    return 1
  }
}
