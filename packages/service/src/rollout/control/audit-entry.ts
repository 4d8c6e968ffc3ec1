import type { RolloutCommand } from '../decision/apply-command.ts'
import type { RolloutDecision } from '../decision/rollout-decision.ts'

/** Something that was decided about a rollout: who, when, what, and the numbers that it came from. */
export interface AuditEntry {
  /** 1, and one more for each entry of the rollout. */
  readonly sequence: number
  /** ISO 8601, UTC. */
  readonly time: string
  /** The controller, or the person who gave the command. */
  readonly by: string
  readonly event: AuditEvent
}

/** What was decided. */
export type AuditEvent =
  | RolloutDecision
  | { readonly type: 'begun'; readonly devices: number }
  | { readonly type: 'leaseTaken'; readonly token: number }
  | { readonly type: 'commanded'; readonly command: RolloutCommand }

/** Entries that are kept in the hub, the newest ones. */
export const keptAuditEntries = 12

/** Adds events to the entries that are kept. */
export function addToAudit(
  audit: readonly AuditEntry[],
  events: readonly AuditEvent[],
  { by, nowInMs }: { readonly by: string; readonly nowInMs: number },
): readonly AuditEntry[] {
  const time = new Date(nowInMs).toISOString()
  const last = audit.at(-1)?.sequence ?? 0
  const added = events.map((event, index) => ({ sequence: last + 1 + index, time, by, event }))
  return [...audit, ...added].slice(-keptAuditEntries)
}
