import { isHubError } from '../hub/hub-error.ts'
import type { DeviceTwin, HubCallOptions, TwinCalls, TwinWrite } from '../hub/iot-hub.ts'

/** Options of {@link updateTwin}. */
export interface UpdateTwinOptions extends HubCallOptions {
  /**
   * How often the change is tried, when others write at the same time.
   *
   * @default 10
   */
  readonly maxTries?: number | undefined
}

/**
 * Reads a twin, changes it, and writes the change only if nobody has written in between; otherwise from the start.
 *
 * @param change told the twin, gives the patch; undefined leaves everything as it is. It may be called more than once
 * @throws HubError `PreconditionFailed` when others were faster every time
 */
export async function updateTwin(
  hub: Pick<TwinCalls, 'getTwin' | 'patchTwin'>,
  deviceId: string,
  change: (twin: DeviceTwin) => TwinWrite | undefined,
  { maxTries = 10, ...bounds }: UpdateTwinOptions = {},
): Promise<DeviceTwin> {
  if (!Number.isInteger(maxTries) || maxTries < 1) {
    throw new RangeError(`maxTries: expected an integer from 1, got ${maxTries}`)
  }
  for (let tries = 1; ; tries += 1) {
    const twin = await hub.getTwin(deviceId, bounds)
    const patch = change(twin)
    if (patch === undefined) return twin
    try {
      return await hub.patchTwin(deviceId, patch, { ...bounds, etag: twin.etag })
    } catch (error) {
      if (!isHubError(error, 'PreconditionFailed') || tries >= maxTries) throw error
    }
  }
}
