import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FirmwareManifest, parseFirmwareManifest } from './firmware-manifest.ts'

const manifest: FirmwareManifest = {
  version: '2.8.5',
  sequence: 285,
  models: ['camera'],
  hardware: ['rev-b', 'rev-c'],
  devices: ['cam-1'],
  size: 1_048_576,
  sha256: 'ab'.repeat(32),
  url: 'https://images.example.com/camera-2.8.5.bin',
  expires: '2027-01-31T12:00:00Z',
  requiredVersion: '2.0',
  downgradePermit: 'permit-1',
}

function parse(changes: Readonly<Record<string, unknown>>) {
  return parseFirmwareManifest(JSON.stringify({ ...manifest, ...changes }))
}

describe('the text of a manifest', () => {
  it('is read whole', () => {
    expect(parseFirmwareManifest(JSON.stringify(manifest))).toEqual({ valid: true, value: manifest })
  })

  it('may do without what is optional', () => {
    const { hardware: _h, devices: _d, url: _u, requiredVersion: _r, downgradePermit: _p, ...least } = manifest
    expect(parseFirmwareManifest(JSON.stringify(least))).toEqual({ valid: true, value: least })
  })

  it.each<[string, unknown]>([
    ['version', undefined],
    ['version', '../../etc/x'],
    ['version', '/etc/x'],
    ['version', '1.0\0'],
    ['version', '1'.repeat(300)],
    ['version', 'C'],
    ['version', 'CON'],
    ['models', []],
    ['models', ['a b']],
    ['models', ['x'.repeat(129)]],
    ['hardware', []],
    ['sha256', 'AB'.repeat(32)],
    ['sha256', 'ab'.repeat(31)],
    ['url', 'http://images.example.com/a'],
    ['url', 'file:///etc/passwd'],
    ['url', 'https://user:password@images.example.com/a'],
    ['url', '//images.example.com/a'],
    ['requiredVersion', 'next'],
    ['downgradePermit', ''],
    ['size', 0],
    ['size', '5'],
  ])('F13: is refused with %s %j', (member, value) => {
    expect(parse({ [member]: value })).toMatchObject({
      valid: false,
      issues: [{ path: expect.arrayContaining([member]) }],
    })
  })

  it.each([['285'], [2 ** 53], [-1], [1.5], [null], [Number.NaN], [[285]], [true]])(
    'F3: is refused with sequence %j',
    sequence => {
      expect(parse({ sequence }).valid).toBe(false)
    },
  )

  it.each(['1e400', '-1', '9007199254740993', '1e-1', 'NaN', '0x11', '011'])(
    'F3: is refused with sequence written %s',
    number => {
      expect(
        parseFirmwareManifest(JSON.stringify(manifest).replace('"sequence":285', `"sequence":${number}`)).valid,
      ).toBe(false)
    },
  )

  it.each([['2027-02-30'], ['tomorrow'], ['2027-01-31T12:00:00'], ['2027-13-31T12:00:00Z'], [0], ['']])(
    'F5: is refused with expires %j',
    expires => {
      expect(parse({ expires }).valid).toBe(false)
    },
  )

  it('is refused with a member that is not known, and when it is no object, no JSON, or too long', () => {
    expect(parse({ script: 'rm -rf' }).valid).toBe(false)
    for (const text of ['', 'null', '[]', '5', '{', JSON.stringify([manifest])]) {
      expect(parseFirmwareManifest(text).valid).toBe(false)
    }
    expect(parseFirmwareManifest(`${JSON.stringify(manifest)}${' '.repeat(16_384)}`)).toEqual({
      valid: false,
      issues: [{ path: [], message: 'must have at most 16384 characters' }],
    })
  })

  it('never makes the parser throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), text => {
        expect(parseFirmwareManifest(text).valid).toBe(false)
      }),
    )
  })

  it('takes __proto__ as a member like any other', () => {
    const text = JSON.stringify(manifest).replace('{', '{"__proto__":{"sequence":1},')
    expect(parseFirmwareManifest(text).valid).toBe(false)
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})
