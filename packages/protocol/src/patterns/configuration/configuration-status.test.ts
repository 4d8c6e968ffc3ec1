import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { configuration } from '../../contract/configuration.ts'
import { type ConfigurationStatus, encodeConfigurationStatus } from './configuration-status.ts'
import { decodeReportedConfiguration } from './decode-reported-configuration.ts'

const inUse = { configId: '1', sendFrequency: '24h' }
const desired = { configId: '2', sendFrequency: '5m' }

function decode(status: ConfigurationStatus): unknown {
  return decodeReportedConfiguration('telemetryConfig', { telemetryConfig: encodeConfigurationStatus(status) })
}

describe('encodeConfigurationStatus', () => {
  it('writes what the tutorial shows, and what it writes is read again', () => {
    expect(encodeConfigurationStatus({ ac: 202, inUse, desired })).toEqual({
      ...inUse,
      status: 'Pending',
      pendingConfig: desired,
    })
    expect(encodeConfigurationStatus({ ac: 200, inUse: desired, desired })).toEqual({ ...desired, status: 'Success' })
    expect(decode({ ac: 202, inUse, desired })).toEqual({
      kind: 'published',
      report: { variant: 'status', state: 'pending', value: inUse, pending: desired, detail: 'Pending' },
    })
    expect(decode({ ac: 200, inUse: desired, desired })).toMatchObject({ report: { state: 'applied', value: desired } })
  })

  it.each([400, 500])('tells with %i what is in use, what is not, and why', ac => {
    expect(encodeConfigurationStatus({ ac, inUse, desired, ad: 'too often' })).toEqual({
      ...inUse,
      status: 'Error',
      pendingConfig: desired,
      error: { code: ac, message: 'too often' },
    })
    expect(decode({ ac, inUse, desired, ad: 'too often' })).toEqual({
      kind: 'published',
      report: { variant: 'status', state: 'failed', value: inUse, pending: desired, detail: 'too often' },
    })
  })

  it('has no status for a value of the device, and a place for one that is no object', () => {
    expect(encodeConfigurationStatus({ ac: 203, inUse })).toEqual(inUse)
    expect(decode({ ac: 203, inUse })).toMatchObject({ report: { variant: 'plain', state: 'applied', value: inUse } })
    expect(encodeConfigurationStatus({ ac: 200, inUse: [1, 2] })).toEqual({ value: [1, 2], status: 'Success' })
  })
})

describe('configuration', () => {
  it('is acknowledged as the options say, by default as Plug and Play does', () => {
    expect(configuration(v.object({})).acknowledgement).toBe('plugAndPlay')
    expect(configuration(v.object({}), { acknowledgement: 'status' }).acknowledgement).toBe('status')
    // @ts-expect-error -- a caller without types
    expect(() => configuration(v.object({}), { acknowledgement: 'Status' })).toThrow(
      "acknowledgement: expected 'plugAndPlay' or 'status', got \"Status\"",
    )
  })
})
