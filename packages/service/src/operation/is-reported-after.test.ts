import { describe, expect, it } from 'vitest'
import { isReportedAfter } from './is-reported-after.ts'

const reportedAt = '2026-01-01T12:00:00.1234567Z'
const reported = { $metadata: { iothubDM: { reboot: { operationId: { $lastUpdated: reportedAt } } } } }
const minute = 60_000

describe('isReportedAfter', () => {
  it.each([
    [-6 * minute, true],
    [-4 * minute, false], // the clocks may be that far apart
    [0, false],
    [6 * minute, false],
  ])('with a time %d ms from the report: %s', (fromReportInMs, expected) => {
    expect(isReportedAfter(reported, 'reboot', Date.parse(reportedAt) + fromReportInMs)).toBe(expected)
  })

  it.each([
    {},
    { $metadata: null },
    { $metadata: { iothubDM: { reboot: { operationId: { $lastUpdated: 'soon' } } } } },
  ])('does not know without the metadata of the hub: %j', properties => {
    expect(isReportedAfter(properties, 'reboot', 0)).toBe(false)
  })
})
