import type { HubErrorCode } from '../error/error-code.ts'

/** A line of a bulk operation that was not carried out. */
export interface BulkFailure {
  readonly deviceId: string | null
  readonly moduleId: string | null
  readonly errorCode: HubErrorCode
  readonly errorStatus: string
}

/** What a bulk operation came to, as REST returns it (wire reference 8.4). */
export interface BulkResult {
  readonly isSuccessful: boolean
  readonly errors: readonly BulkFailure[]
  readonly warnings: readonly []
}
