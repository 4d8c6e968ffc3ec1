import type { Authentication } from './authentication.ts'
import type { EdgePlacement } from './edge-placement.ts'

/** Whether an identity may connect. */
export type IdentityStatus = 'enabled' | 'disabled'

/** What a caller decides about a device identity. */
export interface IdentitySettings extends EdgePlacement {
  readonly status: IdentityStatus
  readonly statusReason: string | null
  readonly authentication: Authentication
}

/** A device identity as the registry keeps it. */
export interface DeviceIdentity extends IdentitySettings {
  readonly deviceId: string
  readonly generationId: string
  readonly etag: string
  /** Milliseconds since 1970, or undefined when the status was never changed. */
  readonly statusUpdatedAt: number | undefined
}
