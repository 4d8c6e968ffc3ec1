import type { Expression } from './expression.ts'
import { childrenOf } from './nesting.ts'
import type { Collection } from './query.ts'
import { type Path, resolvePath } from './resolve-path.ts'

/** Every path that an expression refers to. */
export function pathsIn(collection: Collection, expression: Expression): readonly Path[] {
  if (expression.kind === 'path') return [resolvePath(collection, expression)]
  return childrenOf(expression).flatMap(child => pathsIn(collection, child))
}
