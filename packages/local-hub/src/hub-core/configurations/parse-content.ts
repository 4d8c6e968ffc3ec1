import { HubError } from '../error/hub-error.ts'
import { assertModuleId } from '../identity/module-id.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import { assertSectionSize } from '../twin/section-size.ts'
import { validateSection } from '../twin/validate-section.ts'
import { type Assignment, composePatches, patchOf } from './assignment.ts'
import type { ConfigurationContent, ModuleContent } from './configuration-content.ts'

const contentMembers = ['deviceContent', 'moduleContent', 'modulesContent'] as const
const root = 'properties.desired'

/**
 * Reads the content of a configuration: one of `deviceContent`, `moduleContent` and `modulesContent` (wire reference 6.2).
 *
 * @throws HubError 400 `InvalidConfigurationContent`.
 */
export function parseContent(content: JsonValue | undefined): ConfigurationContent {
  if (!isJsonObject(content)) throw invalidContent('content must be an object.')
  const given = contentMembers.filter(name => (memberOf(content, name) ?? null) !== null)
  const [name] = given
  if (name === undefined || given.length > 1) {
    throw invalidContent(`content must have exactly one of ${contentMembers.join(', ')}.`)
  }
  const value = memberOf(content, name)
  if (!isJsonObject(value)) throw invalidContent(`${name} must be an object.`)
  switch (name) {
    case 'deviceContent':
      return { kind: 'device', assignments: parseAssignments(value).assignments }
    case 'moduleContent':
      return { kind: 'module', assignments: parseAssignments(value).assignments }
    case 'modulesContent':
      return { kind: 'edge', modules: parseModules(value) }
  }
}

function parseModules(content: JsonObject): ReadonlyMap<string, ModuleContent> {
  if (!Object.hasOwn(content, '$edgeAgent')) throw invalidContent('modulesContent must contain $edgeAgent.')
  return new Map(Object.entries(content).map(([moduleId, value]) => [moduleId, parseModule(moduleId, value)]))
}

function parseModule(moduleId: string, content: JsonValue): ModuleContent {
  if (!isJsonObject(content)) throw invalidContent(`The content of module '${moduleId}' must be an object.`)
  if (moduleId !== '$edgeAgent' && moduleId !== '$edgeHub') asContentError(() => assertModuleId(moduleId))
  return parseAssignments(content)
}

function parseAssignments(content: JsonObject): ModuleContent {
  const assignments = Object.entries(content).flatMap(([key, value]) => parseAssignment(key, value))
  const patch = assignments.map(patchOf).reduce(composePatches, {})
  asContentError(() => {
    validateSection(patch, 'deletes')
    assertSectionSize('desired', patch)
  })
  return { replaces: Object.hasOwn(content, root), assignments }
}

function parseAssignment(key: string, value: JsonValue): readonly Assignment[] {
  if (key === root) {
    if (!isJsonObject(value)) throw invalidContent(`${root} must be an object.`)
    return Object.entries(value).map(([name, member]) => ({ path: [name], value: member }))
  }
  const path = key.startsWith(`${root}.`) ? key.slice(root.length + 1).split('.') : []
  if (path.length === 0 || path.includes('')) {
    throw invalidContent(`'${key}' must be ${root} or a path that begins with it.`)
  }
  return [{ path, value }]
}

/** What a twin would refuse is refused before it gets there. */
function asContentError(validate: () => void): void {
  try {
    validate()
  } catch (error) {
    throw error instanceof HubError ? invalidContent(error.message) : error
  }
}

function invalidContent(message: string): HubError {
  return new HubError('InvalidConfigurationContent', message)
}
