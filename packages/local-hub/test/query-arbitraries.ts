import type { Arbitrary } from 'fast-check'
import * as fc from 'fast-check'
import type { JsonObject } from '../src/hub-core/json/json.ts'
import {
  type Binary,
  type Constant,
  type Expression,
  node,
  type PathExpression,
} from '../src/hub-core/query/syntax/expression.ts'
import { argumentCounts, type FunctionName } from '../src/hub-core/query/syntax/function-name.ts'
import type { AggregateFunction, Column, Query } from '../src/hub-core/query/syntax/query.ts'

const strings = ['', 'a', 'A', 'b', 'ab', '1', 'true', "'", '\\', '\u0007', '\ud800', 'Ω']
const numbers = [-2, -1, -0, 0, 0.5, 1, 2, 3, 1e21]

/** Values that are often equal, nearly equal, or of another type. */
const scalar: Arbitrary<string | number | boolean | null> = fc.oneof(
  fc.constantFrom(...strings),
  fc.constantFrom(...numbers),
  fc.boolean(),
  fc.constant(null),
)

const keys = ['a', 'b', 'c', 'A'] as const
const value = fc.letrec(tie => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie('any'), { maxKeys: 4 }),
  ),
})).any

/** A document with tags and properties; many of its values are missing. */
export const document: Arbitrary<JsonObject> = fc
  .record(
    { deviceId: fc.constantFrom('a', 'b'), tags: section(), reported: section(), desired: section() },
    { requiredKeys: ['reported', 'desired'] },
  )
  .map(({ reported, desired, ...rest }) => JSON.parse(JSON.stringify({ ...rest, properties: { reported, desired } })))

function section(): Arbitrary<unknown> {
  return fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 })
}

const documentPath: Arbitrary<PathExpression> = fc
  .tuple(
    fc.constantFrom(['tags'], ['tags'], ['properties', 'reported'], ['properties', 'desired'], []),
    fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 2 }),
  )
  .map(([root, rest]) => node({ kind: 'path', segments: root.length === 0 ? ['deviceId'] : [...root, ...rest] }))

/** Names that need brackets, or nearly do. A name cannot hold two closing brackets, except at its end. */
const trickyName = fc.oneof(
  fc.constantFrom('group', 'NOT', 'count', '', ' ', 'a-b', 'a.b', '1a', '$version', ']', 'a]]', '[', "'", 'é', '😀'),
  fc.string({ unit: 'binary', maxLength: 6 }).filter(name => !/\]\](?!\]*$)/.test(name)),
)
const anyPath: Arbitrary<PathExpression> = fc
  .array(trickyName, { minLength: 1, maxLength: 4 })
  .map(segments => node({ kind: 'path', segments }))

const literal = fc
  .oneof(scalar, fc.constant(undefined))
  .map((constant): Constant => node({ kind: 'literal', value: constant }))
const constants: Arbitrary<readonly Constant[]> = fc.array(
  fc.oneof(
    { arbitrary: literal, weight: 5 },
    {
      arbitrary: fc.array(literal, { maxLength: 2 }).map((elements): Constant => node({ kind: 'array', elements })),
      weight: 1,
    },
  ),
  { maxLength: 4 },
)
const operators: readonly Binary['operator'][] = ['=', '!=', '<', '>', '<=', '>=', '+', '-', '*', '/', '%']
const functionNames = Object.keys(argumentCounts).filter((name): name is FunctionName =>
  Object.hasOwn(argumentCounts, name),
)

function expressionOver(path: Arbitrary<PathExpression>): Arbitrary<Expression> {
  return fc.letrec<{ any: Expression }>(tie => ({
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      path,
      literal,
      fc
        .tuple(fc.constantFrom(...operators), tie('any'), tie('any'))
        .map(([operator, left, right]): Expression => node({ kind: 'binary', operator, left, right })),
      fc
        .tuple(fc.constantFrom('AND', 'OR'), fc.array(tie('any'), { minLength: 2, maxLength: 4 }))
        .map(([operator, operands]): Expression => node({ kind: 'logical', operator, operands })),
      fc
        .tuple(fc.constantFrom('NOT', '-'), tie('any'))
        .map(([operator, operand]): Expression => node({ kind: 'unary', operator, operand })),
      fc
        .tuple(fc.constantFrom('IN', 'NIN'), tie('any'), constants)
        .map(([operator, operand, elements]): Expression => node({ kind: 'membership', operator, operand, elements })),
      fc.constantFrom(...functionNames).chain(name => {
        const [minLength, most] = argumentCounts[name]
        return fc
          .array(tie('any'), { minLength, maxLength: Math.min(most, 4) })
          .map((list): Expression => node({ kind: 'call', function: name, arguments: list }))
      }),
      constants.map((elements): Expression => node({ kind: 'array', elements })),
    ),
  })).any
}

/** An expression about {@link document}. */
export const documentExpression: Arbitrary<Expression> = expressionOver(documentPath)

/** An expression about anything. */
export const anyExpression: Arbitrary<Expression> = expressionOver(anyPath)

/** A query that passes the checks: every column has an alias of its own, and each path of a grouped query is grouped. */
export const anyQuery: Arbitrary<Query> = fc
  .record({
    columns: fc.option(
      fc.uniqueArray(fc.tuple(trickyName, fc.option(anyPath, { nil: undefined })), {
        minLength: 1,
        maxLength: 4,
        selector: ([alias]) => alias,
      }),
      { nil: undefined },
    ),
    aggregate: fc.constantFrom<AggregateFunction | undefined>(undefined, 'COUNT', 'SUM', 'AVG', 'MIN', 'MAX'),
    top: fc.option(fc.nat(), { nil: undefined }),
    collection: fc.constantFrom('devices', 'devices.modules'),
    where: fc.option(anyExpression, { nil: undefined }),
  })
  .map(({ columns, aggregate, top, collection, where }) => {
    const made = columns?.map(([alias, path]) => columnOf(alias, path, aggregate))
    const groupBy =
      aggregate === undefined ? [] : (made ?? []).flatMap(column => (column.kind === 'path' ? [column.path] : []))
    return { columns: made, top, collection, where, groupBy }
  })

function columnOf(alias: string, path: PathExpression | undefined, aggregate: AggregateFunction | undefined): Column {
  if (path !== undefined) return { kind: 'path', path, alias }
  const name = aggregate ?? 'COUNT'
  if (aggregate === undefined) return { kind: 'path', path: node({ kind: 'path', segments: ['tags'] }), alias }
  return {
    kind: 'aggregate',
    function: name,
    path: name === 'COUNT' ? undefined : node({ kind: 'path', segments: ['a'] }),
    alias,
  }
}
