import { action, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { ActionHandler } from '../implementation/handlers.ts'
import { type CrashKit, crashKit } from './crash-kit.ts'
import type { SimulatedDevice } from './simulated-device.ts'

const work = action({
  request: v.object({ target: v.optional(v.number()) }),
  phases: ['warming', 'measuring'],
  result: v.optional(v.object({ offset: v.number() })),
  errors: ['unsure'],
})

type Work = (device: SimulatedDevice) => ActionHandler<typeof work>

function kitFor(handler: Work): CrashKit {
  return crashKit({ action: work, name: 'work', request: { target: 5 }, handler })
}

class Pump {
  on = false

  switch(on: boolean): void {
    this.on = on
  }
}

/** Dispenses money: what must neither be done twice nor be said to be done when it was not. */
const dispenses: Work = device => async op => {
  op.phase('warming')
  await op.step('warm up', () => device.repeatable('warm up'))
  const drawer = device.keep('drawer', () => ({ opened: 0 }))
  await op
    .step('dispense', () => device.once('dispense', () => void drawer.opened++), { repeat: 'never' })
    .catch(() => {
      if (drawer.opened === 0) op.fail('unsure', 'nobody knows whether it was dispensed')
    })
  op.phase('measuring')
  return { offset: await op.step('measure', () => device.repeatable('measure', () => 3)) }
}

/** Waits for an hour. */
const patient: Work = device => async op => {
  const startedInMs = await op.step('look at the clock', () => device.now())
  await device.sleep(3_600_000, op.signal)
  if (device.now() - startedInMs < 3_600_000) op.fail('unsure')
  return { offset: 1 }
}

describe('R1: the crash kit, with a handler that is right', () => {
  it('finds nothing, wherever it kills it, once and twice', async () => {
    const report = await kitFor(dispenses).sweep({ maxRuns: 1_500 })
    expect(report.violations, report.text).toEqual([])
    expect(report.runs).toBe(1_500)
    expect(report.pairs.run).toBe(1_500 - 1 - 2 * report.points.length)
    const { succeeded = 0, failed = 0 } = report.outcomes
    expect(succeeded + failed).toBe(report.runs)
    // Only a kill in the step itself leaves it in doubt.
    expect(failed).toBeGreaterThan(0)
    expect(succeeded).toBeGreaterThan(failed)
  })

  it('kills at every pair of points when it is let', async () => {
    const kit = kitFor(device => op => op.step('measure', () => device.once('measure', () => ({ offset: 1 }))))
    const report = await kit.sweep({ kinds: ['process'], maxRuns: 10_000 })
    expect(report.pairs.run).toBe(report.pairs.possible)
    expect(report.runs).toBe(1 + report.points.length + report.pairs.run)
    expect(report.pairs.run).toBeGreaterThan(1_000)
  })

  it('kills at every write of the journal, every effect, every report, and wherever a promise comes back', async () => {
    const { points } = await kitFor(dispenses).sweep({ pairs: false })
    expect(points).toEqual(
      expect.arrayContaining([
        'before creating the lock',
        'before renaming journal.tmp to journal',
        'before the answer leaves',
        'before the handler',
        ...['accepted', "stepBegun 'dispense'", "stepDone 'dispense'", 'event succeeded', 'reported'].flatMap(entry => [
          `before writing ${entry}`,
          `after writing ${entry}`,
          `before syncing ${entry}`,
          `after syncing ${entry}`,
        ]),
        "before effect 'dispense'",
        "after effect 'dispense'",
        "op.step 'dispense' comes back",
        'before reporting to the hub',
        'after reporting to the hub',
      ]),
    )
  })

  it('follows it through restarts, by which an operation is proven', async () => {
    const kit = crashKit({
      action: reboot,
      name: 'reboot',
      handler: device => async op => {
        await op.step('flush', () => device.repeatable('flush'))
        await op.restart(() => device.atMostOnce('restart', () => device.restart()))
        await op.step('check', () => device.once('check'), { repeat: 'never' })
      },
      check: ({ record, effects }) => {
        const restarted = effects.some(({ name }) => name === 'restart')
        if (record?.state === 'succeeded' && !restarted) throw new Error('it says so, and it was not')
      },
    })
    const report = await kit.sweep({ kinds: ['process'], maxRuns: 500 })
    expect(report.violations, report.text).toEqual([])
    expect(report.outcomes.succeeded).toBeGreaterThan(report.runs / 2)
  })

  it('lets the clock go on while everything waits', async () => {
    const report = await kitFor(patient).sweep({ maxRuns: 500 })
    expect(report.violations, report.text).toEqual([])
    expect(report.outcomes).toEqual({ succeeded: report.runs })
  })
})

describe('the crash kit finds', () => {
  it('an effect outside of a step', async () => {
    const kit = kitFor(device => async op => {
      await device.once('open valve')
      await op.step('measure', () => device.repeatable('measure'))
    })
    const { violations, text } = await kit.sweep({ maxRuns: 500 })
    expect(violations).toMatchObject([{ kind: 'repeatedEffect', subject: 'open valve' }])
    expect(violations[0]?.kills).toHaveLength(1)
    expect(text).toContain("effect 'open valve' happened 2 times, in lives 1, 2")
    expect(text).toContain(`await kit.replay([{ point: ${violations[0]?.kills[0]?.point}, kind: 'process' }])`)
  })

  it("a step that should have said repeat: 'never'", async () => {
    const kit = kitFor(device => async op => {
      await op.step('open valve', () => device.once('open valve'))
    })
    const { violations } = await kit.sweep({ pairs: false })
    expect(violations).toMatchObject([{ kind: 'repeatedEffect', subject: 'open valve' }])
  })

  it('a handler that takes an interrupted step for done', async () => {
    const kit = kitFor(device => async op => {
      await op.step('open valve', () => device.once('open valve'), { repeat: 'never' }).catch(() => {})
    })
    const { violations } = await kit.sweep({ pairs: false })
    expect(violations).toMatchObject([{ kind: 'lostEffect', subject: 'open valve' }])
  })

  it('a bug that takes two kills', async () => {
    const kit = kitFor(device => async op => {
      const open = (step: string) => op.step(step, () => device.atMostOnce('open valve'), { repeat: 'never' })
      await open('open valve').catch(async () => {
        if (op.attempt > 2) await open('open valve after all')
      })
    })
    const { violations } = await kit.sweep({ maxRuns: 2_000 })
    expect(violations).toMatchObject([{ kind: 'repeatedEffect', subject: 'open valve' }])
    expect(violations[0]?.kills).toHaveLength(2)
    expect((await kit.sweep({ pairs: false })).violations).toEqual([])
  })

  it.each<[string, Work, string]>([
    [
      'a loop without end',
      device => async () => {
        for (;;) await device.repeatable('poll')
      },
      'endless',
    ],
    [
      'a loop of waits without end',
      device => async () => {
        for (;;) await device.sleep(60_000)
      },
      'endless',
    ],
    [
      'a loop of steps without end',
      () => async op => {
        for (let index = 0; ; index++) await op.step(`step ${index}`, () => index)
      },
      'endless',
    ],
    ['a wait for what never comes', () => () => new Promise(() => {}), 'stuck'],
  ])('%s', async (_, handler, subject) => {
    const { violations, runs } = await kitFor(handler).sweep()
    expect(violations).toMatchObject([{ kind: 'neverEnds', subject, kills: [] }])
    expect(runs).toBe(1)
  })

  it('a handler that waits for ever once it was killed', async () => {
    const kit = kitFor(() => async op => {
      if (op.attempt > 1) await new Promise(() => {})
    })
    const { violations } = await kit.sweep({ pairs: false, kinds: ['process'], maxRuns: 1 })
    expect(violations).toMatchObject([{ kind: 'neverEnds', subject: 'stuck' }])
    expect(violations[0]?.kills).toHaveLength(1)
  }, 30_000)

  it('what the check of the author finds', async () => {
    const kit = crashKit({
      action: work,
      handler: device => async op => {
        const pump = device.keep('pump', () => new Pump())
        await op.step('pump', async () => {
          await device.repeatable('switch on', () => pump.switch(true))
          await device.repeatable('switch off', () => pump.switch(false))
        })
        if (pump.on) op.fail('unsure')
      },
      check: run => {
        if (run.record?.state !== 'succeeded') throw new Error('the pump is still on')
      },
    })
    expect((await kit.sweep({ pairs: false })).violations).toEqual([])

    const careless = crashKit({
      action: work,
      handler: device => async op => {
        const pump = device.keep('pump', () => new Pump())
        const step = async () => {
          if (pump.on) op.fail('unsure', 'it is on')
          await device.repeatable('switch on', () => pump.switch(true))
          await device.repeatable('switch off', () => pump.switch(false))
        }
        await op.step('pump', step)
      },
      check: run => {
        if (run.record?.state !== 'succeeded') throw new Error('the pump is still on')
      },
    })
    expect((await careless.sweep({ pairs: false })).violations).toMatchObject([
      { kind: 'failedCheck', message: 'the check failed: the pump is still on' },
    ])
  })

  it('a handler that depends on something outside of it', async () => {
    let runs = 0
    const kit = kitFor(device => async op => {
      runs += 1
      if (runs % 2 === 0) await op.step('now and then', () => device.repeatable('now and then'))
      await op.step('measure', () => device.repeatable('measure'))
    })
    const { violations } = await kit.sweep({ pairs: false })
    expect(violations.map(({ kind }) => kind)).toContain('notRepeatable')
  })
})

describe('a kill', () => {
  it('is real: nothing that the handler would have done after it is done', async () => {
    const log: string[] = []
    const kit = kitFor(device => async op => {
      log.push(`${device.life} begins`)
      await op.step('first', () => device.repeatable('first', () => void log.push(`${device.life} first`)))
      log.push(`${device.life} between`)
      await op.step('second', () => device.repeatable('second', () => void log.push(`${device.life} second`)))
    })
    const { points } = await kit.replay([])
    log.length = 0
    await kit.replay([{ point: points.indexOf("op.step 'first' comes back") + 1, kind: 'process' }])
    expect(log).toEqual(['1 begins', '1 first', '2 begins', '2 between', '2 second'])
    log.length = 0
    await kit.replay([{ point: points.indexOf("after effect 'first'") + 1, kind: 'process' }])
    expect(log).toEqual(['1 begins', '1 first', '2 begins', '2 first', '2 between', '2 second'])
  })

  it('is replayed as it was found', async () => {
    const kit = kitFor(device => async op => {
      await op.step('open valve', () => device.once('open valve'))
    })
    const [violation] = (await kit.sweep({ pairs: false })).violations
    const run = await kit.replay(violation?.kills ?? [])
    expect(run.violations).toMatchObject([{ kind: violation?.kind, message: violation?.message }])
    expect(run.lives).toBe(2)
    expect(run.effects.map(({ life }) => life)).toEqual([1, 2])
    expect(run.text).toContain("'open valve' in life 1, 'open valve' in life 2")
    expect(run.text).toMatch(/<- killed/)
  })

  it('by a loss of power takes what was not synced, and ends the boot', async () => {
    const boots: string[] = []
    const kit = kitFor(device => async op => {
      boots.push(`${device.bootId}, attempt ${op.attempt}`)
      await op.step('first', () => device.repeatable('first'))
    })
    const { points } = await kit.replay([])
    const point = points.indexOf("after writing stepDone 'first'") + 1
    boots.length = 0
    const cut = await kit.replay([{ point, kind: 'power' }])
    expect(boots).toEqual(['boot-1, attempt 1', 'boot-2, attempt 2'])
    expect(cut.effects).toHaveLength(2)
    // What is merely written stays when the program alone dies.
    expect((await kit.replay([{ point, kind: 'process' }])).effects).toHaveLength(1)
  })
})

describe('a sweep', () => {
  it('is the same every time, and leaves pairs out by its seed', async () => {
    const kit = kitFor(dispenses)
    const limited = await kit.sweep({ maxRuns: 300, seed: 1 })
    expect(limited.pairs.run).toBeGreaterThan(0)
    expect(limited.pairs.run).toBeLessThan(limited.pairs.possible)
    expect(limited.runs).toBe(300)
    expect(await kit.sweep({ maxRuns: 300, seed: 1 })).toEqual(limited)
    expect(await kitFor(dispenses).sweep({ maxRuns: 300, seed: 2 })).not.toEqual(limited)
  })

  it('makes a thousand runs in a second of an idle processor', async () => {
    const kit = kitFor(dispenses)
    const before = process.cpuUsage()
    const { runs } = await kit.sweep({ maxRuns: 1_000 })
    const { user, system } = process.cpuUsage(before)
    expect(runs).toBe(1_000)
    // Four times what it takes: the processors of the tests are shared.
    expect((user + system) / 1_000_000).toBeLessThan(4)
  })
})

describe('misuse', () => {
  it('is told by name', async () => {
    // @ts-expect-error - a handler itself where a function that makes one belongs
    expect(() => crashKit({ action: work, handler: undefined })).toThrow('handler: expected a function that makes one')
    expect(() => crashKit({ action: work, handler: () => () => {}, maxPoints: 0 })).toThrow('maxPoints: expected')
    await expect(kitFor(dispenses).sweep({ maxRuns: 0.5 })).rejects.toThrow('maxRuns: expected an integer from 1')
    const request = { target: 'five' }
    // @ts-expect-error - the contract wants a number
    const refused = crashKit({ action: work, request, handler: () => () => {} })
    await expect(refused.sweep()).rejects.toThrow('request: the device refuses it with 400')
  })
})
