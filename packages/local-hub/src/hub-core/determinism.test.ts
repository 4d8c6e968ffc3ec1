import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { RecordingConnection } from '../../test/recording-connection.ts'
import { ManualClock } from './clock/manual-clock.ts'
import { HubError } from './error/hub-error.ts'
import type { HubEvent } from './event/hub-event.ts'
import { HubCore } from './hub-core.ts'
import type { RandomSource } from './random-source.ts'

/** Something that is done to a hub. */
type Act = (core: HubCore, clock: ManualClock) => void

const none = { kind: 'none' } as const
const anyEtag = { kind: 'any' } as const
const deviceId = fc.constantFrom('d1', 'd2', 'd3')
const content = fc.dictionary(fc.constantFrom('a', 'b', 'site'), fc.oneof(fc.integer(), fc.constantFrom('oslo', null)))

const act: fc.Arbitrary<Act> = fc.oneof(
  deviceId.map(
    (id): Act =>
      core =>
        core.identities.put(id, {}, none),
  ),
  deviceId.map(
    (id): Act =>
      core =>
        core.identities.delete(id, anyEtag),
  ),
  fc.tuple(deviceId, content).map(
    ([id, tags]): Act =>
      core =>
        core.twins.patch(id, { tags }, anyEtag),
  ),
  fc.tuple(deviceId, content).map(
    ([id, desired]): Act =>
      core =>
        core.twins.patch(id, { properties: { desired } }, anyEtag),
  ),
  fc.tuple(deviceId, content).map(
    ([id, patch]): Act =>
      core =>
        core.twins.report(id, patch, undefined),
  ),
  deviceId.map(
    (id): Act =>
      core =>
        core.modules.put(id, 'm1', {}, none),
  ),
  deviceId.map(
    (id): Act =>
      core =>
        core.cloudToDevice.send(id, { payload: 'x' }),
  ),
  deviceId.map(
    (id): Act =>
      (core, clock) => {
        const opening = { cleanSession: false, modelId: '', expiresAtInMs: clock.now() + 60_000 }
        const connection = new RecordingConnection(id)
        core.sessions.connect(connection, opening)
        core.sessions.subscribe(connection, 'methods')
      },
  ),
  deviceId.map(
    (id): Act =>
      core =>
        void core.methods.invoke(id, { methodName: 'x' }).catch(() => {}),
  ),
  fc.constantFrom('c1', 'c2').map(
    (id): Act =>
      core => {
        const deviceContent = { 'properties.desired.site': id }
        core.configurations.put(id, { content: { deviceContent }, targetCondition: "tags.site = 'oslo'" }, none)
      },
  ),
  fc.constantFrom('j1', 'j2').map(
    (id): Act =>
      core => {
        core.jobs.create(id, { type: 'scheduleUpdateTwin', updateTwin: { tags: { job: id } }, queryCondition: '*' })
      },
  ),
  fc.nat({ max: 400_000 }).map(
    (ms): Act =>
      (_core, clock) =>
        clock.advance(ms),
  ),
)

/** Random bytes that are the same for every hub. */
function seededRandom(): RandomSource {
  let count = 0
  return size => {
    count += 1
    return createHash('shake256', { outputLength: size }).update(String(count)).digest()
  }
}

/** All that a hub does and becomes. */
async function lifeOf(acts: readonly Act[]): Promise<unknown> {
  const clock = new ManualClock(Date.UTC(2026, 0, 1))
  const core = new HubCore({ hostNames: ['hub.example'], clock, random: seededRandom(), tier: { name: 'S1' } })
  const events: HubEvent[] = []
  core.events.subscribe(event => events.push(event))
  for (const each of acts) {
    try {
      each(core, clock)
    } catch (error) {
      if (!(error instanceof HubError)) throw error
    }
    // What waits for a promise has its turn.
    await new Promise(resolve => setImmediate(resolve))
  }
  const state = [...core.durable.entries()]
  const { items } = core.queries.run({ query: 'SELECT * FROM devices' }, { maxItemCount: 100 })
  core.close()
  return { events, state, items }
}

it('the same clock, random source and commands make the same hub, event by event', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async acts => {
      expect(await lifeOf(acts)).toEqual(await lifeOf(acts))
    }),
  )
})
