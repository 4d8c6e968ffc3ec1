import { describe, expect, it } from 'vitest'
import { FirmwareLab } from '../../test/firmware/firmware-lab.ts'
import { until } from '../../test/simulated-life.ts'
import { FirmwareError } from './firmware-error.ts'

describe('F20: an image that does not work', () => {
  const rolledBack = {
    state: 'failed',
    status: 'rolledback',
    detail: 'Rolled back to: 1.0.0',
    error: { code: 'HealthCheckFailed' },
  }
  const effects = ['apply 2.0.0', 'restart into 2.0.0', 'confirm 2.0.0', 'rollback', 'restart into 1.0.0']

  it.each<[string, () => unknown]>([
    ['says no', () => false],
    [
      'throws',
      () => {
        throw new Error('a secret')
      },
    ],
    ['rejects', () => Promise.reject(new Error('a secret'))],
  ])('whose health check %s is rolled back, and that is proven', async (_, confirm) => {
    await using lab = await FirmwareLab.open({ confirm })
    const record = await lab.update()
    expect(record).toMatchObject(rolledBack)
    expect(JSON.stringify(record)).not.toContain('a secret')
    expect(lab.effects).toEqual(effects)
    expect(lab.running).toBe('1.0.0')
  })

  it('tells the reason of a health check in its own words when it is meant to be told', async () => {
    await using lab = await FirmwareLab.open({
      confirm: () => Promise.reject(new FirmwareError('HealthCheckFailed', 'the lens does not answer')),
    })
    expect(await lab.update()).toMatchObject({ ...rolledBack, error: { message: 'the lens does not answer' } })
    expect(lab.hookErrors).toHaveLength(1)
  })

  it('whose health check hangs is rolled back when its time is over', async () => {
    const signals: AbortSignal[] = []
    await using lab = await FirmwareLab.open(
      { confirm: signal => new Promise(() => signals.push(signal)) },
      { confirmTimeoutInMs: 1000 },
    )
    await lab.begin(await lab.request())
    const over = lab.over()
    await until(() => signals.length === 1)
    lab.clock.advance(1000)
    expect(await over).toMatchObject({
      ...rolledBack,
      error: { message: 'the health check did not end within 1000 ms' },
    })
    expect(signals[0]?.aborted).toBe(true)
  })

  it('that dies in its health check is given as many trials as are allowed, then rolled back', async () => {
    await using lab = await FirmwareLab.open({ confirm: () => lab.die() }, { maxTrials: 5 })
    expect(await lab.update()).toMatchObject({
      ...rolledBack,
      error: { message: 'the new version ended 5 times in its health check' },
    })
    expect(lab.effects.filter(effect => effect === 'confirm 2.0.0')).toHaveLength(5)
  })

  it.each(['apply', 'commit'] as const)(
    'R5, F20: that kills the device in every %s is rolled back in the end',
    async hook => {
      await using lab = await FirmwareLab.open({ [hook]: () => lab.die() })
      expect(await lab.update()).toMatchObject({ ...rolledBack, error: { code: 'ApplyFailed' } })
      expect(lab.effects.filter(effect => effect.startsWith(hook))).toHaveLength(3)
      expect(lab.running).toBe('1.0.0')
    },
  )

  it('R5: whose rollback kills the device ends all the same', async () => {
    await using lab = await FirmwareLab.open({ confirm: () => false, rollback: () => lab.die() })
    expect(await lab.update()).toMatchObject({ state: 'failed', error: { code: 'RollbackFailed' } })
    expect(lab.effects.filter(effect => effect === 'rollback')).toHaveLength(3)
  })

  it('that does not come up is reported when the version before comes back by itself', async () => {
    await using lab = await FirmwareLab.open({ boots: () => '1.0.0' })
    expect(await lab.update()).toMatchObject({
      ...rolledBack,
      error: { code: 'RolledBack', message: 'the device came back with version 1.0.0' },
    })
    expect(lab.effects).toEqual(['apply 2.0.0', 'restart into 2.0.0', 'rollback'])
  })

  it('that cannot be kept is rolled back', async () => {
    await using lab = await FirmwareLab.open({ commit: () => Promise.reject(new Error('flash')) })
    expect(await lab.update()).toMatchObject({ ...rolledBack, error: { code: 'ApplyFailed' } })
    expect(lab.running).toBe('1.0.0')
  })

  it('that cannot be applied changes nothing, and needs no restart', async () => {
    await using lab = await FirmwareLab.open({ apply: () => Promise.reject(new Error('flash')) })
    expect(await lab.update()).toMatchObject({ ...rolledBack, error: { code: 'ApplyFailed' } })
    expect(lab.effects).toEqual(['apply 2.0.0', 'rollback'])
  })

  it('is rolled back when the device does not restart', async () => {
    await using lab = await FirmwareLab.open({ restart: () => {} }, { restartTimeoutInMs: 1000 })
    await lab.begin(await lab.request())
    await until(() => lab.effects.length === 2)
    await until(() => {
      lab.clock.advance(100)
      return lab.record().state === 'failed'
    })
    expect(lab.record()).toMatchObject({
      ...rolledBack,
      error: { code: 'ApplyFailed', message: 'the device did not restart' },
    })
    expect(lab.effects).toEqual(['apply 2.0.0', 'restart into 2.0.0', 'rollback'])
  })

  it('whose rollback fails is said to be where it is', async () => {
    await using lab = await FirmwareLab.open({ confirm: () => false, boots: () => '2.0.0' })
    expect(await lab.update()).toMatchObject({ state: 'failed', status: 'error', error: { code: 'RollbackFailed' } })
    await using stuck = await FirmwareLab.open({
      confirm: () => false,
      rollback: () => Promise.reject(new Error('flash')),
    })
    expect(await stuck.update()).toMatchObject({ state: 'failed', error: { code: 'RollbackFailed' } })
  })

  it('F19: is tried again by a new operation only, and after three failures by none', async () => {
    await using lab = await FirmwareLab.open({ confirm: () => false })
    const request = await lab.request()
    for (const operationId of ['op-1', 'op-2', 'op-3']) {
      expect(await lab.update(request, operationId)).toMatchObject(rolledBack)
      lab.clock.advance(3_600_000)
    }
    const before = { effects: lab.effects.length, fetched: lab.fetched }
    expect(await lab.update(request, 'op-1')).toMatchObject({ state: 'failed', error: rolledBack.error }) // the stored answer
    const again = await lab.begin(request, 'op-4')
    expect(again).toMatchObject({ status: 202 })
    expect(await lab.over('op-4')).toMatchObject({ state: 'rejected', error: { code: 'Quarantined' } })
    expect({ effects: lab.effects.length, fetched: lab.fetched }).toEqual(before)
  })

  it('F3: may be followed by an older release than itself, once it is rolled back', async () => {
    await using lab = await FirmwareLab.open({ confirm: () => false })
    await lab.update()
    lab.script = {}
    const fixed = await lab.request({ version: '1.0.1', sequence: 101 })
    expect(await lab.update(fixed, 'op-2')).toMatchObject({ state: 'succeeded', result: { version: '1.0.1' } })
    const behind = await lab.request({ version: '1.0.2', sequence: 100 })
    expect(await lab.update(behind, 'op-3')).toMatchObject({ state: 'rejected', error: { code: 'VersionRollback' } })
  })
})
