import { isTerminalState } from '@iothub-dm/protocol'
import type { CrashRun, CrashViolation } from './crash-report.ts'
import type { CrashTrace } from './crash-run.ts'
import type { Kill } from './kill.ts'
import type { LifeEnd } from './simulated-life.ts'

/** Holds a run against what its handler has declared. */
export async function judgeRun(
  trace: CrashTrace,
  kills: readonly Kill[],
  reference: CrashTrace,
  check: ((run: CrashRun) => unknown) | undefined,
): Promise<CrashRun> {
  const { points, ends, ledger, record, errors } = trace
  const violations: CrashViolation[] = [...repeated(trace), ...lost(trace, reference), ...endless(trace)].map(
    found => ({
      ...found,
      kills,
    }),
  )
  const first = kills[0]?.point
  if (first !== undefined && points[first - 1] !== reference.points[first - 1]) {
    const message = `point ${first} was '${reference.points[first - 1]}' at first and '${points[first - 1]}' later: the handler depends on something outside of the kit`
    violations.push({ kind: 'notRepeatable', subject: 'points', message, kills })
  }
  const run: CrashRun = {
    kills,
    record,
    points,
    errors,
    violations,
    effects: ledger.effects,
    lives: ends.length,
    // Thousands of runs are judged, and few are looked at.
    get text() {
      return describeRun(trace, kills)
    },
  }
  try {
    await check?.(run)
  } catch (error) {
    const message = `the check failed: ${error instanceof Error ? error.message : String(error)}`
    violations.push({ kind: 'failedCheck', subject: 'check', message, kills })
  }
  return run
}

type Finding = Omit<CrashViolation, 'kills'>

function repeated({ ledger, ends }: CrashTrace): readonly Finding[] {
  return [...ledger.repeated()].map(([effect, lives]) => {
    const where = lives.slice(0, -1).map(life => `life ${life} ${describeEnd(ends[life - 1])}`)
    const message = `effect '${effect}' happened ${lives.length} times, in lives ${lives.join(', ')}: ${[...new Set(where)].join(', ')}`
    return { kind: 'repeatedEffect', subject: effect, message }
  })
}

function lost({ ledger, record }: CrashTrace, reference: CrashTrace): readonly Finding[] {
  if (record?.state !== 'succeeded') return []
  const happened = ledger.happenedOnce()
  return [...reference.ledger.happenedOnce()]
    .filter(effect => !happened.has(effect))
    .map(effect => {
      const message = `the operation succeeded and effect '${effect}' has never happened`
      return { kind: 'lostEffect', subject: effect, message }
    })
}

function endless({ ends, record, points }: CrashTrace): readonly Finding[] {
  const last = ends.at(-1)
  if (last?.type === 'over' && record !== undefined && isTerminalState(record.state)) return []
  const state = record === undefined ? 'was never reported' : `is still ${record.state}`
  const why =
    last?.type === 'stuck'
      ? `everything waits after '${points.at(-1)}', and nothing will come`
      : last?.type === 'endless'
        ? `it has passed ${points.length} points, the last one '${points.at(-1)}'`
        : `the device has had ${ends.length} lives; the last one ${describeEnd(last)}`
  const message = `the operation does not end: it ${state}; ${why}`
  return [{ kind: 'neverEnds', subject: last?.type ?? 'nothing', message }]
}

/** The course of a run, for people. */
function describeRun({ points, ends, ledger, record }: CrashTrace, kills: readonly Kill[]): string {
  const killed = new Map(kills.map(({ point, kind }) => [point, kind]))
  const lines = points.map((point, index) => {
    const kind = killed.get(index + 1)
    const mark = kind === undefined ? '' : kind === 'power' ? '  <- power lost' : '  <- killed'
    return `${String(index + 1).padStart(5)} ${point}${mark}`
  })
  const effects = ledger.effects.map(({ name, life }) => `'${name}' in life ${life}`)
  return [
    ...lines,
    `lives: ${ends.map((end, index) => `${index + 1} ${describeEnd(end)}`).join('; ')}`,
    `effects: ${effects.length === 0 ? 'none' : effects.join(', ')}`,
    `operation: ${record === undefined ? 'never reported' : `${record.state}${record.error === undefined ? '' : ` (${record.error.code})`}`}`,
  ].join('\n')
}

function describeEnd(end: LifeEnd | undefined): string {
  switch (end?.type) {
    case 'killed':
      return `${end.kind === 'power' ? 'lost power' : 'was killed'} '${end.at}'`
    case 'restarted':
      return 'restarted the device'
    case 'over':
      return 'went on to the end'
    case 'endless':
      return 'passed too many points'
    case 'stuck':
      return 'was stuck'
    case 'crashed':
      return `crashed: ${String(end.error)}`
    case undefined:
      return 'did not begin'
  }
}
