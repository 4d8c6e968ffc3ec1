import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import type { HubCore } from '../hub-core.ts'
import type { JsonObject } from '../json/json.ts'
import type { Precondition } from '../precondition/if-match.ts'

const none: Precondition = { kind: 'none' }
const any: Precondition = { kind: 'any' }
const content = { deviceContent: { 'properties.desired.awesome': 3 } }

function code(error: string): unknown {
  return expect.objectContaining({ code: error })
}

function put(core: HubCore, id: string, rest: JsonObject = {}, precondition = none): JsonObject {
  return core.configurations.put(id, { id, content, ...rest }, precondition)
}

describe('a configuration', () => {
  it('has the form of one of the real service', () => {
    const { core } = coreFixture()
    const created = put(core, 'my_config', { targetCondition: "tags.environment='test'", priority: 10 })
    const expected = {
      id: 'my_config',
      schemaVersion: null,
      labels: null,
      content,
      contentType: null,
      targetCondition: "tags.environment='test'",
      createdTimeUtc: '2026-01-01T00:00:00.0000000Z',
      lastUpdatedTimeUtc: '2026-01-01T00:00:00.0000000Z',
      priority: 10,
      systemMetrics: {
        results: {},
        queries: {
          targetedCount: "select deviceId from devices where tags.environment='test'",
          appliedCount: "select deviceId from devices where configurations.[[my_config]].status = 'Applied'",
        },
      },
      metrics: { results: {}, queries: {} },
      etag: 'MQ==',
    }
    expect(created).toEqual(expected)
    expect(core.configurations.get('my_config')).toEqual({
      ...expected,
      systemMetrics: { ...expected.systemMetrics, results: { targetedCount: 0, appliedCount: 0 } },
    })
    expect(core.configurations.list()).toEqual([core.configurations.get('my_config')])
  })

  it('keeps what it was given', () => {
    const { core } = coreFixture()
    const given = {
      schemaVersion: '2.0',
      labels: { x: 'y' },
      priority: '3',
      metrics: { queries: { mine: 'select deviceId from devices' }, results: { mine: 99 } },
    }
    const created = put(core, 'c1', given)
    expect(created).toMatchObject({ ...given, priority: 3, metrics: { queries: given.metrics.queries, results: {} } })
    expect(core.configurations.get('c1')).toMatchObject({ metrics: { results: { mine: 1 } } })
  })

  it('targets nothing without a condition, and says so', () => {
    const { core } = coreFixture()
    put(core, 'c1')
    expect(core.configurations.get('c1')).toMatchObject({
      targetCondition: '',
      systemMetrics: { results: { targetedCount: 0, appliedCount: 0 }, queries: { targetedCount: '' } },
    })
  })

  it('is created without a condition and updated with one, never the other way round', () => {
    const { core, clock } = coreFixture()
    expect(() => put(core, 'c1', {}, any)).toThrow(code('ConfigurationNotFound'))
    put(core, 'c1', { etag: '*' })
    expect(() => put(core, 'c1', { etag: 'MQ==' })).toThrow(code('ConfigurationAlreadyExists'))
    clock.advance(1000)
    expect(put(core, 'c1', { priority: 7, etag: 'nonsense' }, { kind: 'etag', etag: 'MQ==' })).toMatchObject({
      priority: 7,
      etag: 'Mg==',
      createdTimeUtc: '2026-01-01T00:00:00.0000000Z',
      lastUpdatedTimeUtc: '2026-01-01T00:00:01.0000000Z',
    })
    expect(() => put(core, 'c1', {}, { kind: 'etag', etag: 'MQ==' })).toThrow(code('PreconditionFailed'))
    expect(put(core, 'c1', {}, any)).toMatchObject({ priority: 0, etag: 'Mw==' })
  })

  it('never changes its content, but must be sent with one', () => {
    const { core } = coreFixture()
    put(core, 'c1')
    const other = { deviceContent: { 'properties.desired.other': 1 } }
    expect(put(core, 'c1', { content: other }, any).content).toEqual(content)
    expect(() => core.configurations.put('c1', { id: 'c1', priority: 1 }, any)).toThrow(
      code('InvalidConfigurationContent'),
    )
  })

  it('is deleted with or without a condition', () => {
    const { core } = coreFixture()
    put(core, 'c1')
    expect(() => core.configurations.delete('c1', { kind: 'etag', etag: 'Mg==' })).toThrow(code('PreconditionFailed'))
    core.configurations.delete('c1', none)
    expect(() => core.configurations.get('c1')).toThrow(code('ConfigurationNotFound'))
    expect(() => core.configurations.delete('c1', any)).toThrow(code('ConfigurationNotFound'))
    expect(put(core, 'c1')).toMatchObject({ etag: 'MQ==' })
  })

  it.each(["a-z0-9+%_*!'", 'x'.repeat(128), '__proto__'])('may be named %s', id => {
    const { core } = coreFixture()
    put(core, id, { targetCondition: '*' })
    expect(core.configurations.get(id)).toMatchObject({ id, systemMetrics: { results: { appliedCount: 1 } } })
  })

  it.each(['', 'Upper', 'a b', 'a.b', 'a/b', 'ä', 'x'.repeat(129)])('must not be named "%s"', id => {
    expect(() => put(coreFixture().core, id)).toThrow(code('ArgumentInvalid'))
  })

  it.each<[JsonObject, string]>([
    [{ id: 'other' }, 'ArgumentInvalid'],
    [{ priority: -1 }, 'ArgumentInvalid'],
    [{ priority: 1.5 }, 'ArgumentInvalid'],
    [{ priority: 'high' }, 'ArgumentInvalid'],
    [{ labels: { a: 1 } }, 'ArgumentInvalid'],
    [{ labels: 'a' }, 'ArgumentInvalid'],
    [{ targetCondition: 5 }, 'ArgumentInvalid'],
    [{ schemaVersion: 2 }, 'ArgumentInvalid'],
    [{ metrics: 'none' }, 'InvalidConfigurationCustomMetricsQuery'],
    [{ metrics: { queries: { a: 'select' } } }, 'InvalidConfigurationCustomMetricsQuery'],
    [{ metrics: { queries: { a: 1 } } }, 'InvalidConfigurationCustomMetricsQuery'],
    [
      {
        metrics: {
          queries: Object.fromEntries(
            ['a', 'b', 'c', 'd', 'e', 'f'].map(name => [name, 'select deviceId from devices']),
          ),
        },
      },
      'InvalidConfigurationCustomMetricsQuery',
    ],
  ])('with %j is refused, and nothing is kept', (rest, error) => {
    const { core } = coreFixture()
    expect(() => put(core, 'c1', rest)).toThrow(code(error))
    expect(core.configurations.list()).toEqual([])
  })

  it.each([undefined, null, [], 'text'])('is not made of %j', body => {
    expect(() => coreFixture().core.configurations.put('c1', body, none)).toThrow(code('ArgumentInvalid'))
  })

  it.each([
    [undefined, 100],
    [{ name: 'S1' } as const, 100],
    [{ name: 'F1' } as const, 20],
  ])('is one of a limited number: tier %j', (tier, limit) => {
    const { core } = coreFixture({ tier })
    for (let index = 0; index < limit; index += 1) put(core, `c${index}`)
    expect(() => put(core, 'one-more')).toThrow(
      expect.objectContaining({
        code: 'ConfigurationCountLimitExceeded',
        message: `Number of deployments exceed the maximum quota ${limit} for this IotHub.`,
      }),
    )
    core.configurations.delete('c0', none)
    put(core, 'one-more')
  })
})
