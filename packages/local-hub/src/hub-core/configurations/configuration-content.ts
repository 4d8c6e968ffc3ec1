import type { Assignment } from './assignment.ts'

/** What a configuration is about. */
export type ContentKind = ConfigurationContent['kind']

/** What a configuration puts on a twin, or on the modules of an edge device (wire reference 6.2). */
export type ConfigurationContent = TwinContent | EdgeContent

/** For each device, or each module, that is targeted. */
export interface TwinContent {
  readonly kind: 'device' | 'module'
  readonly assignments: readonly Assignment[]
}

/** A deployment: for the modules of each edge device that is targeted. */
export interface EdgeContent {
  readonly kind: 'edge'
  readonly modules: ReadonlyMap<string, ModuleContent>
}

/** What a deployment puts on one module. */
export interface ModuleContent {
  /** Whether these are all of the desired properties that the module shall have. */
  readonly replaces: boolean
  readonly assignments: readonly Assignment[]
}

/** Tells whether a deployment only adds to another one (a layered deployment). */
export function isLayered({ modules }: EdgeContent): boolean {
  return [...modules.values()].every(module => !module.replaces)
}
