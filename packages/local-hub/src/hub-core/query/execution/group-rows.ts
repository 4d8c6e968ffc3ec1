import type { JsonObject, JsonValue } from '../../json/json.ts'
import { numberOf } from '../../json/written-number.ts'
import type { QueryDocument } from '../query-source.ts'
import type { Path } from '../syntax/resolve-path.ts'
import { startAggregate } from './aggregate.ts'
import { type ResultColumn, rowOf } from './columns.ts'

interface GroupMember {
  readonly name: string
  add(document: QueryDocument): void
  result(): JsonValue | undefined
}

/**
 * One row for each distinct combination of the grouped values, in the order in which they first appear; documents without a value
 * are a group of their own. Without grouping there is one row, also when there are no documents (wire reference 5.5).
 */
export function groupRows(
  documents: Iterable<QueryDocument>,
  columns: readonly ResultColumn[],
  groupBy: readonly Path[],
): readonly JsonObject[] {
  const groups = new Map<string, readonly GroupMember[]>()
  if (groupBy.length === 0) groups.set(groupKey([]), startGroup(columns))
  for (const document of documents) {
    const key = groupKey(groupBy.map(path => document.read(path)))
    let group = groups.get(key)
    if (group === undefined) {
      group = startGroup(columns)
      groups.set(key, group)
    }
    for (const member of group) member.add(document)
  }
  return [...groups.values()].map(group => rowOf(group.map(member => [member.name, member.result()])))
}

/** Tells values apart by their JSON text; no JSON text is empty. */
function groupKey(values: readonly (JsonValue | undefined)[]): string {
  return values.map(value => (value === undefined ? '' : JSON.stringify(value))).join('\n')
}

function startGroup(columns: readonly ResultColumn[]): readonly GroupMember[] {
  return columns.map(({ name, aggregate, read }) => {
    if (aggregate === undefined) return groupedMember(name, read)
    const state = startAggregate(aggregate)
    const add = (document: QueryDocument): void => {
      const value = read(document)
      state.add(numberOf(value) ?? value)
    }
    return { name, add, result: () => state.result() }
  })
}

/** A grouped value is the same in the whole group: that of the first document. */
function groupedMember(name: string, read: ResultColumn['read']): GroupMember {
  let first: QueryDocument | undefined
  return {
    name,
    add: document => {
      first ??= document
    },
    result: () => (first === undefined ? undefined : read(first)),
  }
}
