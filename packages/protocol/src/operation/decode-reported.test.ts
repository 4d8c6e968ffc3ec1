import { expect, it } from 'vitest'
import { action } from '../contract/action.ts'
import { reboot } from '../patterns/reboot/reboot.ts'
import { decodeReportedOperation } from './decode-reported.ts'

const published = { lastReboot: '2017-01-01T00:00:00.000Z' }

it('reads our record first, beside its documented leaves', () => {
  const reported = { iothubDM: { reboot: { ...published, operationId: 'op-1', state: 'running' } } }
  expect(decodeReportedOperation('reboot', reboot, reported)).toMatchObject({
    kind: 'operation',
    record: { operationId: 'op-1', state: 'running' },
  })
})

it('reads a published shape where there is no record', () => {
  expect(decodeReportedOperation('reboot', reboot, { iothubDM: { reboot: published } })).toEqual({
    kind: 'published',
    report: { variant: 'node-tutorial', startedTime: published.lastReboot },
  })
})

it('reads nothing where there is nothing', () => {
  expect(decodeReportedOperation('reboot', reboot, {})).toBeUndefined()
  expect(decodeReportedOperation('calibrate', action(), { iothubDM: { calibrate: published } })).toBeUndefined()
})
