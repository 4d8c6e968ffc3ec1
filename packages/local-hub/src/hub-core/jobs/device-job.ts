import type { IdentityKey } from '../identity/identity-key.ts'
import type { MethodResult } from '../method/method-calls.ts'
import type { JobType } from './job.ts'
import type { DeviceJobStatus } from './job-status.ts'

/** What a job came to on a device: done, with the answer to a method, or not done. */
export type DeviceJobOutcome =
  | { readonly status: 'completed'; readonly methodResult: MethodResult | null }
  | { readonly status: 'failed'; readonly code: string; readonly description: string }

/** A job on one device or module (wire reference 7.5). Values are replaced, not changed. */
export interface DeviceJob {
  readonly jobId: string
  readonly jobType: JobType
  readonly key: IdentityKey
  /** The place in the order of devices and jobs. Compared as text. */
  readonly position: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly startedAt: number | undefined
  /** Undefined until it is done. */
  readonly outcome: DeviceJobOutcome | undefined
}

/** Where a job stands on a device. */
export function deviceJobStatus({ startedAt, outcome }: DeviceJob): DeviceJobStatus {
  if (outcome !== undefined) return outcome.status
  return startedAt === undefined ? 'pending' : 'running'
}

/** A {@link DeviceJob} that is done. */
export interface FinishedDeviceJob extends DeviceJob {
  readonly outcome: DeviceJobOutcome
}
