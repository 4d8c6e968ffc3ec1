import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { FactoryResetWorld, tokenOf } from '../../test/factory-reset-world.ts'
import { sleep } from '../agent/sleep.ts'
import { ArmingDesk } from './arming-desk.ts'

const data = { level: 'data' }

function openDesk(): { desk: ArmingDesk; clock: ManualClock } {
  const clock = new ManualClock(0)
  const environment = {
    now: () => clock.now(),
    sleep: (delayInMs: number, signal: AbortSignal) => sleep(clock, delayInMs, signal),
  }
  return { clock, desk: new ArmingDesk({ environment, timeoutInMs: 60_000 }) }
}

async function settled(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
}

describe('ArmingDesk', () => {
  it('takes a token back once, for the request that it was given out for', () => {
    const { desk } = openDesk()
    const { token, expiresTime } = desk.arm('factoryReset', data)
    expect(expiresTime).toBe('1970-01-01T00:01:00.000Z')
    expect(desk.redeem('factoryReset', { level: 'everything' }, token)).toBe(false)
    expect(desk.redeem('polish', data, token)).toBe(false)
    expect(desk.redeem('factoryReset', data, undefined)).toBe(false)
    expect(desk.redeem('factoryReset', data, `${token}x`)).toBe(false)
    expect(desk.redeem('factoryReset', data, token)).toBe(true)
    expect(desk.redeem('factoryReset', data, token)).toBe(false)
  })

  it('knows the newest token alone, each another one', () => {
    const { desk } = openDesk()
    const first = desk.arm('factoryReset', data)
    const second = desk.arm('factoryReset', data)
    expect(first.token).not.toBe(second.token)
    expect(first.token).toMatch(/^[\w-]{43}$/)
    expect(desk.redeem('factoryReset', data, first.token)).toBe(false)
    expect(desk.redeem('factoryReset', data, second.token)).toBe(true)
  })

  it('forgets a token when its time is over, whatever the clock says, and when the agent closes', async () => {
    const { desk, clock } = openDesk()
    const { token } = desk.arm('factoryReset', data)
    clock.advance(60_000)
    await settled()
    expect(desk.redeem('factoryReset', data, token)).toBe(false)
    const other = desk.arm('factoryReset', data)
    desk.close()
    expect(desk.redeem('factoryReset', data, other.token)).toBe(false)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a request that loses data', () => {
  it('C3: is refused without a token, with a used one, and with one of another life', async () => {
    const world = new FactoryResetWorld({ wipesState: false, hooks: { canKeep: ['network'], verify: () => true } })
    const life = await world.live()
    const refused = { status: 428, payload: { error: { code: 'NotArmed' } } }
    expect(await life.begin('factoryReset', { ...data, operationId: 'op' })).toMatchObject(refused)
    const armed = await life.begin('factoryReset', { ...data, arm: true })
    expect(armed).toMatchObject({ status: 200, payload: { expiresTime: '1970-01-01T00:05:00.000Z' } })
    const token = tokenOf(armed.payload)
    expect(await life.begin('factoryReset', { ...data, keep: ['network'], token, operationId: 'op' })).toMatchObject(
      refused,
    )
    expect(life.store.get('op')).toBeUndefined()
    expect(await life.begin('factoryReset', { ...data, token, operationId: 'op' })).toMatchObject({ status: 202 })
    // The same request again is the same operation, whichever token it brings.
    expect(await life.begin('factoryReset', { ...data, token, operationId: 'op' })).toMatchObject({ status: 202 })
    expect(await life.begin('factoryReset', { ...data, operationId: 'op' })).toMatchObject({ status: 202 })
    await world.reset(life, data)
    const next = await world.live()
    await world.reset(next, data)
    expect(await next.begin('factoryReset', { ...data, token, operationId: 'replayed' })).toMatchObject(refused)
    const late = tokenOf((await next.begin('factoryReset', { ...data, arm: true })).payload)
    expect(await (await world.live()).begin('factoryReset', { ...data, token: late })).toMatchObject(refused)
  })

  it('F23: leaves no token on any disk, in any error, or in what is known of it', async () => {
    const world = new FactoryResetWorld({ wipesState: false })
    const life = await world.live()
    const token = tokenOf((await life.begin('factoryReset', { ...data, arm: true })).payload)
    await life.begin('factoryReset', { ...data, token, operationId: 'op' })
    const files = [
      ...(await Promise.all((await world.disk.readDirectory()).map(name => world.disk.readFile(name)))),
      await world.spared.readFile('survival'),
    ].map(bytes => Buffer.from(bytes ?? []).toString())
    expect(files.join()).toContain('factoryReset')
    expect(JSON.stringify([files, life.errors, life.store.get('op')])).not.toContain(token)
  })

  it('needs a valid request to be armed, and none where no data is lost', async () => {
    const world = new FactoryResetWorld({ wipesState: false })
    const life = await world.live()
    expect(await life.begin('factoryReset', { arm: true })).toMatchObject({ status: 400 })
    expect(await life.begin('factoryReset', { level: 'settings', operationId: 'op' })).toMatchObject({ status: 202 })
  })
})
