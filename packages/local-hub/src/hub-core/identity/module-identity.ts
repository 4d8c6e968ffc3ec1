import type { Authentication } from './authentication.ts'

/** What a caller decides about a module identity. */
export interface ModuleSettings {
  /** Who manages the module; `iotEdge` for those of an edge device. */
  readonly managedBy: string | null
  readonly authentication: Authentication
}

/** A module identity as the registry keeps it. */
export interface ModuleIdentity extends ModuleSettings {
  readonly deviceId: string
  readonly moduleId: string
  readonly generationId: string
  readonly etag: string
}
