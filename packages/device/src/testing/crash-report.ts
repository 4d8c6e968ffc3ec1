import type { OperationRecord, TerminalState } from '@iothub-dm/protocol'
import type { RecordedEffect } from './effect-ledger.ts'
import type { Kill } from './kill.ts'

/**
 * What a handler does wrong when it is killed.
 * - `repeatedEffect`: something that it declared to happen once, or at most once, happened again.
 * - `lostEffect`: the operation succeeded without something that it declared to happen once, and does when nobody disturbs it.
 * - `neverEnds`: the operation does not come to an end, or its end is never reported.
 * - `failedCheck`: the check of the options threw.
 * - `notRepeatable`: the same kills led to another course of events, so the handler depends on something outside of the kit.
 */
export type CrashViolationKind = 'repeatedEffect' | 'lostEffect' | 'neverEnds' | 'failedCheck' | 'notRepeatable'

/** Something that a handler did wrong in one run. */
export interface CrashViolation {
  readonly kind: CrashViolationKind
  /** Which effect, or what else it is about. */
  readonly subject: string
  /** For people. */
  readonly message: string
  /** Where the device was killed; give it to `replay`. Empty: it happens undisturbed. */
  readonly kills: readonly Kill[]
}

/** A violation, and in how many runs it was seen. */
export interface FoundViolation extends CrashViolation {
  readonly runs: number
}

/** One run: an operation from its request to its end, through all lives of the device. */
export interface CrashRun {
  readonly kills: readonly Kill[]
  /** What the hub knows of the operation in the end; undefined when it has never heard of it. */
  readonly record: OperationRecord | undefined
  readonly effects: readonly RecordedEffect[]
  /** How many lives the operation took. */
  readonly lives: number
  /** All points, in their order; the first one is number 1. */
  readonly points: readonly string[]
  /** What went wrong behind the scenes, as an agent tells its `error` listeners. */
  readonly errors: readonly unknown[]
  readonly violations: readonly CrashViolation[]
  /** The course of events, for people. */
  readonly text: string
}

/** What a sweep has found. */
export interface CrashReport {
  readonly runs: number
  /** The points of the undisturbed run. */
  readonly points: readonly string[]
  /** How many pairs of kills there are, and how many of them were run. */
  readonly pairs: { readonly possible: number; readonly run: number }
  /** How the operations ended, and how often. */
  readonly outcomes: Readonly<Partial<Record<TerminalState, number>>>
  /** Each kind of violation once, with the fewest kills that lead to it. */
  readonly violations: readonly FoundViolation[]
  /** All of it, for people. */
  readonly text: string
}

/** Writes a report for people. */
export function describeReport(name: string, report: Omit<CrashReport, 'text'>): string {
  const { runs, points, pairs, outcomes, violations } = report
  const ends = Object.entries(outcomes).map(([state, count]) => `${count} ${state}`)
  return [
    `crash kit: action '${name}' has ${points.length} points; ${runs} runs, with ${pairs.run} of ${pairs.possible} pairs of kills`,
    `operations: ${ends.length === 0 ? 'none ended' : ends.join(', ')}`,
    `violations: ${violations.length === 0 ? 'none' : violations.length}`,
    ...violations.flatMap((violation, index) => [
      `${index + 1}. ${violation.message}`,
      `   in ${violation.runs} of ${runs} runs; to see one: await kit.replay(${describeKills(violation.kills)})`,
    ]),
  ].join('\n')
}

/** Kills as one writes them in a program. */
export function describeKills(kills: readonly Kill[]): string {
  return `[${kills.map(({ point, kind }) => `{ point: ${point}, kind: '${kind}' }`).join(', ')}]`
}
