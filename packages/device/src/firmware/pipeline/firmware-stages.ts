import { join } from 'node:path'
import { type FirmwareUpdateRequest, type firmwareUpdate, isIotHubDmError } from '@iothub-dm/protocol'
import type { Operation, StepContext } from '../../operation/operation.ts'
import type { FirmwareSettings } from '../firmware-options.ts'
import type { FirmwareTarget } from '../firmware-target.ts'
import { ImageStore } from '../image/image-store.ts'
import { withVerifiedImage } from '../image/verified-image.ts'
import type { FirmwarePlan, FirmwareVerdict } from '../manifest/firmware-plan.ts'
import { judgeRequest } from '../manifest/judge-request.ts'
import type { FirmwareEntry } from '../memory/firmware-entry.ts'
import { FirmwareMemory } from '../memory/firmware-memory.ts'
import { downloadWithFreshUrls } from './download-with-fresh-urls.ts'
import { type FirmwareFailure, failureOf } from './firmware-failure.ts'
import { checkHealth } from './health-check.ts'

/** One run of the firmware update. */
export type FirmwareOperation = Operation<typeof firmwareUpdate>

/** The stages that the pipeline is made of. Each may be cut off anywhere and begun again. */
export class FirmwareStages {
  readonly #target: FirmwareTarget
  readonly #settings: FirmwareSettings
  readonly #images: ImageStore

  constructor(target: FirmwareTarget, settings: FirmwareSettings) {
    this.#target = target
    this.#settings = settings
    this.#images = new ImageStore(join(settings.directory, 'images'))
  }

  /** So many lives of the handler are ended by its stages; more than that only the agent can end. */
  get maxLives(): number {
    return 5 * this.#settings.maxTrials
  }

  /** Judges the request before anything is spent on it. */
  async judge(request: FirmwareUpdateRequest): Promise<FirmwareVerdict> {
    const currentVersion = await this.#target.currentVersion()
    const memory = await this.#readMemory()
    return judgeRequest(request, { currentVersion, memory, settings: this.#settings })
  }

  /** Fetches the image into a private file; what is there of it already is kept. */
  async download(op: FirmwareOperation, plan: FirmwarePlan, signal: AbortSignal): Promise<void> {
    await this.#images.prepare(plan.sha256)
    try {
      await downloadWithFreshUrls(op, plan, this.#images.pathOf(plan.sha256), this.#settings, signal)
    } catch (error) {
      if (isIotHubDmError(error, 'DigestMismatch') || isIotHubDmError(error, 'SizeExceeded')) {
        const memory = await this.#readMemory()
        await memory.add(this.#failureOf(plan))
      }
      throw error
    }
  }

  /** Remembers, before anything is changed, that no older image may follow this one. */
  async neverGoBehind({ operationId }: FirmwareOperation, plan: FirmwarePlan): Promise<void> {
    const { version, sha256, sequence, signers, downgradePermit } = plan
    const counter = sequence === null ? {} : { sequence }
    const memory = await this.#readMemory()
    const permit = downgradePermit === null ? [] : [{ type: 'permitUsed', permit: downgradePermit } as const]
    await memory.add(...permit, { type: 'installing', operationId, version, sha256, signers, ...counter })
  }

  /** Verifies the image on the disk, and hands it to the device while nobody can put another in its place. */
  install(op: FirmwareOperation, plan: FirmwarePlan, context: StepContext): Promise<FirmwareFailure | null> {
    const { version, sha256 } = plan
    const install = () =>
      withVerifiedImage(this.#images.pathOf(sha256), plan, async image => {
        op.progress(100)
        op.phase('applying')
        await this.#target.apply(image, { version, sha256, size: image.size }, context.signal)
        op.progress(100)
      })
    return this.#attempt(install, context, 'the device could not apply the image')
  }

  /** Removes the image once it is installed. */
  makeRoom(): Promise<void> {
    return this.#images.clear()
  }

  /** @returns null once the device runs in another boot */
  async restart(op: FirmwareOperation, name: string): Promise<FirmwareFailure | null> {
    const timeoutInMs = this.#settings.restartTimeoutInMs
    const restart = () => op.restart(() => this.#target.restart(), { name, timeoutInMs })
    return this.#attempt(restart, { attempt: 1, signal: op.signal }, 'the device did not restart')
  }

  /** Whether the new version runs, and is well: the evidence without which an update has not succeeded. */
  async tryOut({ version }: FirmwarePlan, { attempt, signal }: StepContext): Promise<FirmwareFailure | null> {
    const fallenBack = await this.#fallenBackFrom(version)
    if (fallenBack !== null) return fallenBack
    const { maxTrials } = this.#settings
    if (attempt > maxTrials) {
      return { code: 'HealthCheckFailed', message: `the new version ended ${maxTrials} times in its health check` }
    }
    return checkHealth(this.#target, this.#settings, signal)
  }

  /** Keeps the new version, if it still runs: power that is lost after the health check brings back the one before. */
  async commit({ version }: FirmwarePlan, context: StepContext): Promise<FirmwareFailure | null> {
    const fallenBack = await this.#fallenBackFrom(version)
    if (fallenBack !== null) return fallenBack
    return this.#attempt(() => this.#target.commit?.(), context, 'the device could not keep the new version')
  }

  async #fallenBackFrom(version: string): Promise<FirmwareFailure | null> {
    const running = await this.#target.currentVersion()
    return running === version ? null : { code: 'RolledBack', message: `the device came back with version ${running}` }
  }

  /** Makes the version before the one that starts next. */
  putBack(context: StepContext): Promise<FirmwareFailure | null> {
    return this.#attempt(() => this.#target.rollback(), context, 'the device could not put back the version before')
  }

  /** Whether the version before runs. */
  async isBack({ previousVersion }: FirmwarePlan): Promise<boolean> {
    return (await this.#target.currentVersion()) === previousVersion
  }

  /** Once the version before is back: the image counts as one that failed, and as none that was installed. */
  async countFailure({ operationId }: FirmwareOperation, plan: FirmwarePlan): Promise<void> {
    await this.#images.clear()
    const memory = await this.#readMemory()
    await memory.add({ type: 'rolledBack', operationId }, this.#failureOf(plan))
  }

  /** An image that fails again and again is refused for a while, see `maxFailures`. */
  #failureOf({ sha256 }: FirmwarePlan): FirmwareEntry {
    return { type: 'failed', sha256, time: this.#settings.clock.now() }
  }

  #readMemory(): Promise<FirmwareMemory> {
    return FirmwareMemory.read(join(this.#settings.directory, 'memory'))
  }

  /** Runs a hook, unless the program has ended in it too often. */
  async #attempt(
    hook: () => unknown,
    { attempt, signal }: StepContext,
    message: string,
  ): Promise<FirmwareFailure | null> {
    const { maxTrials, onError } = this.#settings
    if (attempt > maxTrials)
      return { code: 'ApplyFailed', message: `${message}: it ended ${maxTrials} times in doing so` }
    return failureOf(hook, signal, { code: 'ApplyFailed', message, onError })
  }
}
