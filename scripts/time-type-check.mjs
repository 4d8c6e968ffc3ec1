/**
 * Measures what a contract of 100 actions costs a user in type checking, beside the same program with an empty contract.
 *
 * Usage: node scripts/time-type-check.mjs [number of actions]
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = join(root, 'node_modules', 'typescript-native', 'bin', 'tsc')
const runs = 3
const aimInSeconds = 2

const count = Number(process.argv[2] ?? 100)
if (!Number.isInteger(count) || count < 1)
  throw new RangeError(`number of actions: expected 1 or more, got ${process.argv[2]}`)

// Inside the repository, so that the schema library is found; with a tsconfig of its own, so that nothing else is checked.
const cache = join(root, 'node_modules', '.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'time-type-check-'))
try {
  const empty = measure('empty', 0)
  const full = measure('full', count)
  const difference = full - empty
  console.log(`empty contract      ${empty.toFixed(2)} s`)
  console.log(
    `${String(count).padEnd(4)} actions        ${full.toFixed(2)} s   +${difference.toFixed(2)} s, ${(full / empty).toFixed(2)} x`,
  )
  console.log(`aim: under ${aimInSeconds} s; best of ${runs} runs each`)
  if (full >= aimInSeconds) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}

/** Seconds that the check of a program with so many actions takes, the best of some runs. */
function measure(name, actions) {
  const project = join(folder, name)
  mkdirSync(project)
  writeFileSync(join(project, 'contract.ts'), contractSource(actions))
  writeFileSync(join(project, 'use.ts'), useSource(actions))
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        types: [],
        isolatedDeclarations: false,
        paths: { '@iothub-dm/protocol': [join(root, 'packages', 'protocol', 'src', 'index.ts')] },
      },
      include: ['*.ts'],
    }),
  )
  return Math.min(...Array.from({ length: runs }, () => secondsOfCheck(project)))
}

function secondsOfCheck(project) {
  const start = performance.now()
  try {
    execFileSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    throw new Error(`the generated program does not type-check:\n${error.stdout}`, { cause: error })
  }
  return (performance.now() - start) / 1000
}

function contractSource(actions) {
  const definitions = indexes(actions).map(
    index => `    action${index}: action({
      request: v.object({
        target: v.number(),
        unit: v.picklist(['celsius', 'fahrenheit', 'kelvin${index}']),
        at: v.optional(v.pipe(v.string(), v.isoTimestamp(), v.transform(text => new Date(text)))),
        list: v.array(v.object({ name: v.string(), value: v.nullable(v.number()) })),
      }),
      phases: ['prepare${index}', 'warming', 'measuring', 'storing'],
      errors: ['sensorFault', 'outOfRange${index}'],
      effects: ['idempotent', 'restarts'],
      result: v.object({ offset${index}: v.number(), log: v.array(v.string()) }),
    }),`,
  )
  return `import { action, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'

export const contract = defineContract({
  actions: {
${definitions.join('\n')}
  },
})

export const anySchema = v.object({ id: v.string() })
export { action }
`
}

/** What a device and a back end do with a contract: a handler and a call for each action, typed from its key. */
function useSource(actions) {
  const handlers = indexes(actions).map(
    index => `  action${index}: op => {
    op.phase('prepare${index}')
    const at: Date | undefined = op.request.at
    return { offset${index}: op.request.target + (at?.getTime() ?? 0), log: op.request.list.map(item => item.name) }
  },`,
  )
  const calls = indexes(actions).map(
    index => `export const offset${index}: number = begin('action${index}', {
  target: ${index}, unit: 'kelvin${index}', at: '2027-01-31T12:00:00Z', list: [],
}).offset${index}`,
  )
  return `import type { ActionDefinition, ActionRequestInput, ActionRequestOutput, ActionResultInput, ActionResultOutput, ErrorCodeOf, PhaseOf } from '@iothub-dm/protocol'
import { contract } from './contract.ts'

interface Op<TAction extends ActionDefinition> {
  readonly request: ActionRequestOutput<TAction>
  phase(phase: PhaseOf<TAction>): void
  fail(code: ErrorCodeOf<TAction>): never
}

type Actions = (typeof contract)['actions']

export const handlers: { readonly [TName in keyof Actions]: (op: Op<Actions[TName]>) => ActionResultInput<Actions[TName]> } = {
${handlers.join('\n')}
}

export declare function begin<TName extends keyof Actions>(
  name: TName,
  request: ActionRequestInput<Actions[TName]>,
): ActionResultOutput<Actions[TName]>

${calls.join('\n')}
`
}

function indexes(length) {
  return Array.from({ length }, (_, index) => index)
}
