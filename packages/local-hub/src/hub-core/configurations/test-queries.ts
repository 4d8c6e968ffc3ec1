import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import { metricProblem } from './configuration-request.ts'
import { parseTargetCondition } from './target-condition.ts'

/**
 * Tries out the queries of a configuration that does not exist yet (wire reference 6.5). A condition of `*` is an error here, though
 * a configuration may have it.
 *
 * @throws HubError 400 when the body does not have the expected form.
 */
export function testConfigurationQueries(body: JsonValue | undefined): JsonObject {
  const request = isJsonObject(body) ? body : undefined
  const condition = request && (memberOf(request, 'targetCondition') ?? null)
  const queries = request && (memberOf(request, 'customMetricQueries') ?? {})
  if (!isJsonObject(queries) || !(condition === null || typeof condition === 'string')) {
    throw new HubError('ArgumentInvalid', 'targetCondition must be a string, customMetricQueries an object.')
  }
  return {
    targetConditionError: condition === null ? null : (conditionProblem(condition) ?? null),
    customMetricQueryErrors: Object.fromEntries(
      Object.entries(queries).flatMap(([name, query]) => {
        const problem = typeof query === 'string' ? metricProblem(query) : 'expected a string'
        return problem === undefined ? [] : [[name, problem]]
      }),
    ),
  }
}

function conditionProblem(condition: string): string | undefined {
  if (condition.trim() === '*') return "'*' cannot be tested."
  const isAboutModules = /^\s*from\b/i.test(condition)
  try {
    parseTargetCondition(condition, isAboutModules ? 'module' : 'device')
    return undefined
  } catch (error) {
    if (error instanceof HubError) return error.message
    throw error
  }
}
