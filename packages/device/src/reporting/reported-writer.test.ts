import { describe, expect, it } from 'vitest'
import { accepted, Bench, later, progress, started, succeeded, time } from '../../test/reporting-bench.ts'

describe('ReportedWriter', () => {
  it('reads the twin at the start of a session and sends the difference', async () => {
    const bench = new Bench()
    bench.happen('work', accepted)
    expect(bench.hub.busy).toBe(false)
    bench.writer.sessionBegan()
    expect(bench.hub.pendingPatch).toBeUndefined()
    await bench.answer()
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: expect.objectContaining({ state: 'accepted' }) } })
    await bench.answer()
    expect(bench.section('work')).toMatchObject({ operationId: 'op', state: 'accepted' })
    expect(bench.hub.busy).toBe(false)
  })

  it('has one patch in flight, and puts all that changed meanwhile into the next', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', { type: 'phase', phase: 'warming', time })
    bench.happen('work', { type: 'phase', phase: 'measuring', time: later })
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: expect.objectContaining({ state: 'accepted' }) } })
    await bench.answer()
    expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { state: 'running', status: 'measuring' } } })
    await bench.answer()
    expect(bench.hub.busy).toBe(false)
  })

  it('misses nothing that changes in any turn between two rounds', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const bench = new Bench()
      await bench.connect()
      bench.happen('work', accepted)
      bench.hub.settle()
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      bench.happen('work', started)
      await bench.settled()
      await bench.answer()
      expect(bench.section('work').state).toBe('running')
    }
  })

  it('sends phases at once and percentages once in an interval, the newest', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.happen('work', started)
    await bench.answer()
    await bench.answer()
    bench.happen('work', progress(10))
    bench.clock.advance(4_000)
    bench.happen('work', progress(20))
    bench.clock.advance(5_999)
    expect(bench.hub.busy).toBe(false)
    bench.clock.advance(1)
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: { percent: 20, detail: 'at 20', updatedTime: later } } })
    await bench.answer()
    bench.clock.advance(1_000)
    bench.happen('work', { type: 'phase', phase: 'warming', time: later })
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: { status: 'warming', percent: null, detail: null } } })
    await bench.answer()
    bench.clock.advance(20_000)
    bench.happen('work', progress(5))
    expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { percent: 5 } } })
  })

  it('does not hold a percentage for longer than the interval when the clock is set back', async () => {
    const bench = new Bench()
    bench.clock.advance(86_400_000)
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer()
    const now = bench.clock.now()
    bench.clock.now = () => now - 86_400_000
    bench.happen('work', started, false)
    bench.happen('work', progress(10))
    bench.clock.advance(10_000)
    expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { percent: 10 } } })
  })

  it('never reports less than the hub has, in the same phase of the same operation', async () => {
    const bench = new Bench()
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', progress(60))
    await bench.connect()
    await bench.answer()
    // the next life knows nothing of the percentage
    bench.happen('work', accepted, false)
    bench.happen('work', started, false)
    bench.happen('work', { type: 'started', attempt: 2, time: later }, false)
    bench.writer.changed(true)
    await bench.answer()
    expect(bench.section('work')).toMatchObject({ attempt: 2, percent: 60, detail: 'at 60' })
    bench.clock.advance(10_000)
    bench.happen('work', { ...progress(10), time: '2026-01-01T00:02:00.000Z' })
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: { updatedTime: '2026-01-01T00:02:00.000Z' } } })
    await bench.answer()
    bench.clock.advance(10_000)
    bench.happen('work', progress(70))
    await bench.answer()
    expect(bench.section('work')).toMatchObject({ percent: 70, detail: 'at 70' })
    bench.happen('work', { type: 'phase', phase: 'warming', time: later })
    await bench.answer()
    expect(bench.section('work')).not.toHaveProperty('percent')
  })

  it('nulls what the operation before left behind, and keeps the documented leaves', async () => {
    const bench = new Bench()
    bench.happen('reboot', accepted)
    bench.happen('reboot', started)
    bench.happen('reboot', progress(5))
    bench.happen('reboot', { ...succeeded, result: 'x' })
    await bench.connect()
    await bench.answer()
    bench.happen('reboot', { ...accepted, operationId: 'op-2' })
    await bench.answer()
    expect(bench.section('reboot')).toEqual({
      operationId: 'op-2',
      state: 'accepted',
      status: 'accepted',
      attempt: 0,
      acceptedTime: time,
      updatedTime: time,
      startedRebootTime: time,
      lastReboot: later,
    })
  })

  it('sends again after the session was lost under a patch, whether the hub had it or not', async () => {
    for (const outcome of ['lost', 'lostAfter'] as const) {
      const bench = new Bench()
      await bench.connect()
      bench.happen('work', accepted)
      bench.writer.sessionLost()
      await bench.answer(outcome)
      bench.happen('work', started)
      expect(bench.hub.busy).toBe(false)
      await bench.connect()
      expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { state: 'running' } } })
      await bench.answer()
      expect(bench.section('work').state).toBe('running')
      expect(bench.errors).toEqual([])
    }
  })

  it('waits for the next session when a call is lost and nobody says so, as in the renewal of a token', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer('lost')
    bench.happen('work', started)
    await bench.settled()
    expect(bench.hub.busy).toBe(false)
    await bench.connect()
    await bench.answer()
    expect(bench.section('work').state).toBe('running')
  })

  it('goes on at once when the next session began before the call was known to be lost', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.writer.sessionBegan()
    await bench.answer('lost')
    expect(bench.hub.pendingPatch).toBeUndefined()
    await bench.answer()
    await bench.answer()
    expect(bench.section('work').state).toBe('accepted')
  })

  it('tries again after a pause that grows, and does not hurry in between', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer(429)
    bench.happen('work', started)
    expect(bench.hub.busy).toBe(false)
    for (const waitInMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      bench.clock.advance(waitInMs - 1)
      expect(bench.hub.busy).toBe(false)
      bench.clock.advance(1)
      expect(bench.hub.pendingPatch).toBeUndefined()
      await bench.answer(500)
    }
    expect(bench.errors).toHaveLength(9)
    bench.clock.advance(30_000)
    await bench.answer()
    await bench.answer()
    expect(bench.section('work').state).toBe('running')
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('reads the twin again when the fate of a patch is unknown', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer('timeout')
    bench.clock.advance(500)
    expect(bench.hub.pendingPatch).toBeUndefined()
  })

  it('does not send again what the hub refused, until something changes', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer(400)
    expect(bench.errors).toEqual([expect.objectContaining({ code: 'ReportRefused', status: 400 })])
    bench.writer.changed(true)
    await bench.settled()
    bench.clock.advance(3_600_000)
    expect(bench.hub.busy).toBe(false)
    bench.happen('work', started)
    await bench.answer()
    expect(bench.section('work').state).toBe('running')
  })

  it('reports the end without its result when the hub refuses the result', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.happen('work', started)
    await bench.answer()
    await bench.answer()
    bench.happen('work', { ...succeeded, result: { much: true } })
    await bench.answer(400)
    expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { state: 'succeeded' } } })
    await bench.answer()
    expect(bench.section('work')).toMatchObject({ state: 'succeeded', detail: 'the hub refused the result' })
    expect(bench.section('work')).not.toHaveProperty('result')
    expect(bench.confirmed).toEqual(['op'])
    await bench.connect()
    expect(bench.hub.busy).toBe(false)
  })

  it('confirms the end of an operation once, and never sends it again', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', succeeded)
    await bench.answer()
    expect(bench.confirmed).toEqual([])
    await bench.answer()
    expect(bench.confirmed).toEqual(['op'])
    bench.hub.reported = {}
    await bench.connect()
    expect(bench.hub.busy).toBe(false)
    expect(bench.confirmed).toEqual(['op'])
  })

  it('confirms an end that the hub had already', async () => {
    const bench = new Bench()
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', succeeded)
    await bench.connect()
    bench.writer.sessionLost()
    await bench.answer('lostAfter')
    expect(bench.confirmed).toEqual([])
    await bench.connect()
    expect(bench.hub.busy).toBe(false)
    expect(bench.confirmed).toEqual(['op'])
  })

  it('confirms again when the confirmation could not be written', async () => {
    const bench = new Bench()
    bench.confirm = () => Promise.reject(new TypeError('disk'))
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', succeeded)
    await bench.connect()
    await bench.answer()
    expect(bench.errors).toEqual([new TypeError('disk')])
    bench.confirm = async () => {}
    bench.clock.advance(500)
    await bench.settled()
    expect(bench.confirmed).toEqual(['op'])
    expect(bench.hub.busy).toBe(false)
  })

  it('flushes: resolves once the hub has everything, or when the time is over', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    let flushed = false
    const flush = (async () => {
      await bench.writer.flush(5_000)
      flushed = true
    })()
    await bench.settled()
    expect(flushed).toBe(false)
    await bench.answer()
    await flush
    expect(bench.clock.pendingTimers).toBe(0)
    bench.writer.sessionLost()
    bench.happen('work', started)
    const bounded = bench.writer.flush(5_000)
    bench.clock.advance(5_000)
    await bounded
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('sends nothing once it is closed, and lets nobody wait', async () => {
    const bench = new Bench()
    bench.happen('work', accepted)
    const flush = bench.writer.flush(5_000)
    bench.writer.close()
    await flush
    await bench.writer.flush(5_000)
    bench.writer.sessionBegan()
    bench.happen('work', started)
    expect(bench.hub.busy).toBe(false)
    expect(bench.clock.pendingTimers).toBe(0)
  })
})
