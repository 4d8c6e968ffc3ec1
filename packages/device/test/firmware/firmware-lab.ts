import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ManualClock } from '@iothub-dm/local-hub'
import {
  defineContract,
  firmwareUpdate,
  isTerminalState,
  type JsonObject,
  type OperationRecord,
  type WireAnswer,
} from '@iothub-dm/protocol'
import type { DownloadImageOptions } from '../../src/firmware/download-image.ts'
import type { FirmwareUpdateOptions } from '../../src/firmware/firmware-options.ts'
import type { FirmwareTarget, VerifiedImage } from '../../src/firmware/firmware-target.ts'
import { firmwareUpdateWith } from '../../src/firmware/firmware-update-with.ts'
import { implement } from '../../src/implementation/implement.ts'
import { type SimulatedLife, startLife, temporaryDirectory, until } from '../simulated-life.ts'
import { keySetOf, manifestOf, newKey, signManifest } from './signed-documents.ts'

/** A moment at which the manifests of `manifestOf` are good. */
const startsAtInMs = Date.parse('2026-12-01T12:00:00Z')

/** Test support: what a simulated device does otherwise than a good one. */
export interface DeviceScript {
  readonly apply?: (image: VerifiedImage) => unknown
  readonly confirm?: (signal: AbortSignal) => unknown
  readonly commit?: () => unknown
  readonly rollback?: () => unknown
  readonly restart?: () => unknown
  /** The version that comes up when the next one should be this. */
  readonly boots?: (next: string) => string
  readonly download?: (order: DownloadImageOptions) => Promise<void>
}

/** The image that the lab updates to. */
export const image: Buffer = Buffer.from('the image of version 2.0.0')

/**
 * Test support: a device with a real journal, a real folder for its firmware and the real pipeline, whose flash, restarts and deaths
 * are simulated. It is at version 1.0.0.
 */
export class FirmwareLab implements AsyncDisposable {
  script: DeviceScript
  running = '1.0.0'
  /** What starts at the next restart. */
  next = '1.0.0'
  /** Everything that was done to the device, in its order. */
  readonly effects: string[] = []
  /** Bytes that were fetched. */
  fetched = 0
  /** The clock of this life: those of lives that have ended stand still. */
  clock = new ManualClock(startsAtInMs)
  /** The words of `status` that the operations have had, in their order. */
  readonly statuses: string[] = []
  readonly hookErrors: unknown[] = []
  readonly #key = newKey('release')
  readonly #directory: Awaited<ReturnType<typeof temporaryDirectory>>
  readonly #options: Partial<FirmwareUpdateOptions>
  readonly #buried = new AbortController()
  #life: SimulatedLife | undefined
  #boot = 1
  #end: 'restart' | 'crash' | undefined

  private constructor(
    directory: Awaited<ReturnType<typeof temporaryDirectory>>,
    script: DeviceScript,
    options: Partial<FirmwareUpdateOptions>,
  ) {
    this.#directory = directory
    this.script = script
    this.#options = options
  }

  static async open(script: DeviceScript = {}, options: Partial<FirmwareUpdateOptions> = {}): Promise<FirmwareLab> {
    const lab = new FirmwareLab(await temporaryDirectory(), script, options)
    await lab.#live()
    return lab
  }

  get path(): string {
    return this.#directory.path
  }

  get life(): SimulatedLife {
    if (this.#life === undefined) throw new TypeError('the lab is not open')
    return this.#life
  }

  /** A request with a manifest for the image, signed. */
  async request(changes: Parameters<typeof manifestOf>[1] = {}): Promise<JsonObject> {
    return { manifest: { ...(await signManifest(manifestOf(image, changes), this.#key)) } }
  }

  begin(request: JsonObject, operationId = 'op'): Promise<WireAnswer> {
    return this.life.begin('firmwareUpdate', { ...request, operationId })
  }

  record(operationId = 'op'): OperationRecord {
    const record = this.life.store.get(operationId)?.record
    if (record === undefined) throw new TypeError(`no operation '${operationId}'`)
    return record
  }

  /** Begins an update and lives through restarts and deaths until it is over. */
  async update(request?: JsonObject, operationId = 'op'): Promise<OperationRecord> {
    await this.begin(request ?? (await this.request()), operationId)
    return this.over(operationId)
  }

  /** Lives through restarts and deaths until an operation is over. */
  async over(operationId = 'op'): Promise<OperationRecord> {
    for (;;) {
      await until(() => this.#end !== undefined || isTerminalState(this.record(operationId).state))
      if (this.#end === undefined) return this.record(operationId)
      if (this.#end === 'restart') this.running = this.script.boots?.(this.next) ?? this.next
      await this.#live()
    }
  }

  /** Ends this life in the middle of whatever it does; the promise never settles. */
  die(): Promise<never> {
    this.#end = 'crash'
    return new Promise((_resolve, reject) => {
      this.#buried.signal.addEventListener('abort', () => reject(new TypeError('dead')))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#life?.close()
    // Lets go of what dead lives hold open.
    this.#buried.abort()
    await this.#directory[Symbol.asyncDispose]()
  }

  async #live(): Promise<void> {
    await this.#life?.kill()
    this.#end = undefined
    this.clock = new ManualClock(this.clock.now())
    const contract = defineContract({ actions: { firmwareUpdate } })
    const handler = firmwareUpdateWith(this.#target(), {
      directory: join(this.path, 'firmware'),
      trust: { keySet: keySetOf(1, 1, this.#key) },
      device: { model: 'camera' },
      clock: this.clock,
      download: order => this.#download(order),
      onError: error => this.hookErrors.push(error),
      ...this.#options,
    })
    this.#life = await startLife({
      implementation: implement(contract, { actions: { firmwareUpdate: handler } }),
      directory: join(this.path, 'state'),
      clock: this.clock,
      bootId: `boot-${this.#boot++}`,
    })
    this.#life.store.onChange(({ record: { status } }) => {
      if (this.statuses.at(-1) !== status) this.statuses.push(status)
    })
    this.#life.manager.resume()
  }

  async #download(order: DownloadImageOptions): Promise<void> {
    await this.script.download?.(order)
    if (this.script.download !== undefined) return
    this.fetched += image.length
    order.onProgress?.(image.length / 2, image.length)
    await writeFile(order.file, image)
  }

  #target(): FirmwareTarget {
    return {
      currentVersion: () => this.running,
      apply: async (verified, { version }) => {
        this.effects.push(`apply ${version}`)
        await this.script.apply?.(verified)
        const bytes: Uint8Array[] = []
        for await (const block of verified.read()) bytes.push(block)
        if (!Buffer.concat(bytes).equals(image)) throw new TypeError('other bytes')
        this.next = version
      },
      restart: async () => {
        this.effects.push(`restart into ${this.next}`)
        if (this.script.restart === undefined) this.#end = 'restart'
        else await this.script.restart()
      },
      confirm: async signal => {
        this.effects.push(`confirm ${this.running}`)
        return this.script.confirm?.(signal)
      },
      commit: async () => {
        this.effects.push(`commit ${this.running}`)
        await this.script.commit?.()
      },
      rollback: async () => {
        this.effects.push('rollback')
        await this.script.rollback?.()
        this.next = '1.0.0'
      },
    }
  }
}
