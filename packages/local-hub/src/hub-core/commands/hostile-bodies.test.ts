import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { HubError } from '../error/hub-error.ts'
import type { HubCore } from '../hub-core.ts'
import type { JsonValue } from '../json/json.ts'

const names = [
  'id',
  'jobId',
  'type',
  'content',
  'deviceContent',
  'moduleContent',
  'modulesContent',
  'properties.desired',
  'properties.desired.a',
  'properties.desired.__proto__.x',
  '$edgeAgent',
  '__proto__',
  'constructor',
  'targetCondition',
  'customMetricQueries',
  'metrics',
  'queries',
  'priority',
  'labels',
  'updateTwin',
  'etag',
  'tags',
  'properties',
  'desired',
  'cloudToDeviceMethod',
  'methodName',
  'payload',
  'queryCondition',
  'startTime',
  'maxExecutionTimeInSeconds',
]
const texts = ['', '*', 'x', 'scheduleUpdateTwin', 'scheduleDeviceMethod', "tags.a = 'b'", 'tags.a =', '9'.repeat(20)]

const body = fc.letrec<{ value: JsonValue; object: Record<string, JsonValue> }>(tie => ({
  object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 8, noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...texts, null, true, -1, 0, 1.5, 1e300),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).object

const calls: Readonly<Record<string, (core: HubCore, body: JsonValue) => unknown>> = {
  'a configuration': (core, each) => core.configurations.put('c1', each, { kind: 'none' }),
  'a content': (core, each) => core.configurations.put('c1', { content: each }, { kind: 'none' }),
  'an edge content': (core, each) =>
    core.configurations.put('c1', { content: { modulesContent: each }, targetCondition: '*' }, { kind: 'none' }),
  'a device content': (core, each) =>
    core.configurations.put('c1', { content: { deviceContent: each }, targetCondition: '*' }, { kind: 'none' }),
  'a content for one device': (core, each) => core.configurations.applyContent('e1', each),
  'a test': (core, each) => core.configurations.test(each),
  'a job': (core, each) => core.jobs.create('j1', each),
  'a twin update': (core, each) =>
    core.jobs.create('j1', { type: 'scheduleUpdateTwin', queryCondition: '*', updateTwin: each }),
  'a method': (core, each) =>
    core.jobs.create('j1', { type: 'scheduleDeviceMethod', queryCondition: '*', cloudToDeviceMethod: each }),
}

describe.each(Object.entries(calls))('%s of whatever form', (_name, call) => {
  it('is taken or refused, and the hub can still show what it has', () => {
    fc.assert(
      fc.property(body, each => {
        const { core } = coreFixture()
        core.identities.put('e1', { capabilities: { iotEdge: true } }, { kind: 'none' })
        try {
          call(core, each)
        } catch (error) {
          expect(error).toBeInstanceOf(HubError)
        }
        core.configurations.evaluate()
        const shown = [core.configurations.list(), core.jobs.query({}, { maxItemCount: 9 }), core.twins.get('d1')]
        expect(JSON.parse(JSON.stringify(shown))).toBeDefined()
        expect(Object.prototype).not.toHaveProperty('x')
        core.close()
      }),
      { seed: 20_260_101, numRuns: 200 },
    )
  })
})
