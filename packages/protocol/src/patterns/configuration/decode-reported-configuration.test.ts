import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../json/json-value.ts'
import { decodeReportedConfiguration, type ReportedConfiguration } from './decode-reported-configuration.ts'

function published(report: Extract<ReportedConfiguration, { kind: 'published' }>['report']): ReportedConfiguration {
  return { kind: 'published', report }
}

describe('decodeReportedConfiguration', () => {
  it.each<[string, JsonObject, ReportedConfiguration | undefined]>([
    ['nothing', {}, undefined],
    [
      'Plug and Play',
      { telemetryConfig: { value: { fps: 5 }, ac: 200, av: 7, ad: 'done' } },
      { kind: 'acknowledged', acknowledgement: { value: { fps: 5 }, ac: 200, av: 7, ad: 'done' } },
    ],
    [
      'the device twins guide',
      { telemetryConfig: { sendFrequency: '5m', status: 'success' }, batteryLevel: 55 },
      published({ variant: 'status', state: 'applied', value: { sendFrequency: '5m' }, detail: 'success' }),
    ],
    [
      'the query language page',
      { telemetryConfig: { configId: 'db00', sendFrequencyInSecs: 300, status: 'Error' } },
      published({
        variant: 'status',
        state: 'failed',
        value: { configId: 'db00', sendFrequencyInSecs: 300 },
        detail: 'Error',
      }),
    ],
    [
      'the configuration tutorial, at work',
      { telemetryConfig: { configId: '0', status: 'Pending', pendingConfig: { configId: '1', sendFrequency: '5m' } } },
      published({
        variant: 'status',
        state: 'pending',
        value: { configId: '0' },
        pending: { configId: '1', sendFrequency: '5m' },
        detail: 'Pending',
      }),
    ],
    [
      'the automatic device management sample',
      { telemetryConfig: { status: 'current', temperature: 66 } },
      published({ variant: 'status', state: 'applied', value: { temperature: 66 }, detail: 'current' }),
    ],
    [
      'the device twins tutorial',
      { telemetryConfig: { fanOn: false } },
      published({ variant: 'plain', state: 'applied', value: { fanOn: false } }),
    ],
    ['a value that is falsy', { telemetryConfig: 0 }, published({ variant: 'plain', state: 'applied', value: 0 })],
    [
      'automatic management of modules',
      { lastDesiredStatus: { code: 400, description: 'bad' }, lastDesiredVersion: 4 },
      published({ variant: 'last-desired-status', state: 'failed', version: 4, detail: 'bad' }),
    ],
    ['a status of modules without a code', { lastDesiredStatus: 'ok' }, undefined],
  ])('reads %s', (_, reported, expected) => {
    expect(decodeReportedConfiguration('telemetryConfig', reported)).toEqual(expected)
  })

  it('does not look into the prototype', () => {
    expect(decodeReportedConfiguration('toString', {})).toBeUndefined()
  })
})
