import { isTerminalState, type TerminalState } from '@iothub-dm/protocol'
import { atLeastOne } from './at-least-one.ts'
import {
  type CrashReport,
  type CrashRun,
  type CrashViolation,
  describeReport,
  type FoundViolation,
} from './crash-report.ts'
import { type CrashSubject, type CrashTrace, runWithKills } from './crash-run.ts'
import { judgeRun } from './judge-run.ts'
import type { Kill, KillKind } from './kill.ts'

/** Options of `CrashKit.sweep`. */
export interface SweepOptions {
  /** How the device is killed. Default: both ways. */
  readonly kinds?: readonly KillKind[] | undefined
  /** Whether it is killed a second time after each kill. Default: true. */
  readonly pairs?: boolean | undefined
  /** Most runs of the sweep. When there are more pairs than that, some are left out, evenly. Default: 5,000. */
  readonly maxRuns?: number | undefined
  /** Chooses which pairs are left out. Default: 0. */
  readonly seed?: number | undefined
}

/** Runs an operation with every kill, and every pair of kills, and gathers what goes wrong. */
export class Sweep {
  readonly #subject: CrashSubject
  readonly #reference: CrashTrace
  readonly #check: ((run: CrashRun) => unknown) | undefined
  readonly #found = new Map<string, FoundViolation>()
  readonly #outcomes: Partial<Record<TerminalState, number>> = {}
  #runs = 0

  constructor(subject: CrashSubject, reference: CrashTrace, check: ((run: CrashRun) => unknown) | undefined) {
    this.#subject = subject
    this.#reference = reference
    this.#check = check
  }

  async run(options: SweepOptions): Promise<CrashReport> {
    const { kinds = ['process', 'power'], pairs: wanted = true } = options
    const maxRuns = atLeastOne('maxRuns', options.maxRuns ?? 5_000)
    this.#count(await judgeRun(this.#reference, [], this.#reference, this.#check))
    const singles: { readonly kill: Kill; readonly points: number }[] = []
    // An operation that does not even end undisturbed is not killed as well.
    if (this.#found.size === 0) {
      for (const kill of this.#reference.points.flatMap((_, index) =>
        kinds.map(kind => ({ point: index + 1, kind })),
      )) {
        singles.push({ kill, points: await this.#try([kill]) })
      }
    }
    const pairs = wanted ? singles.flatMap(single => pairsAfter(single, kinds)) : []
    const chosen = spread(pairs, Math.max(0, maxRuns - this.#runs), options.seed ?? 0)
    for (const pair of chosen) await this.#try(pair)
    const report = {
      runs: this.#runs,
      points: this.#reference.points,
      pairs: { possible: pairs.length, run: chosen.length },
      outcomes: this.#outcomes,
      violations: [...this.#found.values()],
    }
    return { ...report, text: describeReport(this.#subject.name, report) }
  }

  /** @returns how many points the run has passed */
  async #try(kills: readonly Kill[]): Promise<number> {
    const trace = await runWithKills(this.#subject, kills)
    this.#count(await judgeRun(trace, kills, this.#reference, this.#check))
    return trace.points.length
  }

  #count({ record, violations }: CrashRun): void {
    this.#runs += 1
    if (record !== undefined && isTerminalState(record.state)) {
      this.#outcomes[record.state] = (this.#outcomes[record.state] ?? 0) + 1
    }
    for (const violation of violations) this.#find(violation)
  }

  #find(violation: CrashViolation): void {
    const key = `${violation.kind} ${violation.subject}`
    const known = this.#found.get(key)
    this.#found.set(key, { ...(known ?? violation), runs: (known?.runs ?? 0) + 1 })
  }
}

/** A second kill at every point after the first one; the kinds take turns. */
function pairsAfter(
  { kill, points }: { readonly kill: Kill; readonly points: number },
  kinds: readonly KillKind[],
): readonly (readonly Kill[])[] {
  return Array.from({ length: points - kill.point }, (_, index) => {
    const kind = kinds[(kill.point + index) % kinds.length] ?? kill.kind
    return [kill, { point: kill.point + index + 1, kind }]
  })
}

/** So many of the items, evenly; the seed chooses which. */
function spread<TItem>(items: readonly TItem[], count: number, seed: number): readonly TItem[] {
  if (items.length <= count) return items
  const offset = Math.abs(seed) % items.length
  return Array.from({ length: count }, (_, index) => {
    const at = Math.floor((index * items.length) / count) + offset
    return items[at % items.length]
  }).filter(item => item !== undefined)
}
