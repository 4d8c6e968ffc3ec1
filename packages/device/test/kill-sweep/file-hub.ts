import { readFileSync, writeFileSync } from 'node:fs'
import { applyMergePatch, isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import type { DeviceTwin, HubConnection, HubConnectionListener } from '../../src/connection/hub-connection.ts'
import type { CrashPoints } from './crash-points.ts'

/** Reads the reported properties that a {@link FileHub} has kept. */
export function readReported(path: string): JsonObject {
  try {
    const reported: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isJsonObject(reported) ? reported : {}
  } catch {
    return {}
  }
}

/** What a {@link FileHub} is made of. */
export interface FileHubOptions {
  /** The file with the reported properties. */
  readonly path: string
  readonly listener: HubConnectionListener
  readonly points: CrashPoints
  /** What a back end has set, at version 2. */
  readonly desired: JsonObject
  /** Called after each call through the connection, once the device has had time to take it in. */
  readonly onSettled: () => void
}

/** Test support: a hub that outlives the device, as its reported properties are in a file. */
export class FileHub implements HubConnection {
  readonly #options: FileHubOptions

  constructor(options: FileHubOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    this.#options.listener.onSession()
  }

  startOver(): void {
    this.#options.listener.onSession()
  }

  async close(): Promise<void> {}

  async readTwin(): Promise<DeviceTwin> {
    const { path, desired, onSettled } = this.#options
    setImmediate(onSettled)
    return { desired, desiredVersion: 2, reported: readReported(path), reportedVersion: 1 }
  }

  async updateReported(patch: JsonObject): Promise<number> {
    const { path, points, onSettled } = this.#options
    points.reach('report')
    writeFileSync(path, JSON.stringify(applyMergePatch(readReported(path), patch)))
    points.reach('hear that the report is there')
    setImmediate(onSettled)
    return 1
  }
}
