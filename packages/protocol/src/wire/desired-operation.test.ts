import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json/json-value.ts'
import { applyMergePatch } from '../json/merge-patch.ts'
import { rebootFromBarePayload } from '../patterns/reboot/reboot-request.ts'
import { decodeDesiredOperation, encodeDesiredOperation, encodeDesiredOperationClear } from './desired-operation.ts'

describe('encodeDesiredOperation', () => {
  it('writes what the direct method would carry', () => {
    const request = { operationId: 'op-1', expiresAt: '2027-01-31T12:00:00.000Z', request: { delaySeconds: 5 } }
    expect(encodeDesiredOperation('reboot', request, {})).toEqual({
      iothubDM: { reboot: { operationId: 'op-1', expiresAt: '2027-01-31T12:00:00.000Z', delaySeconds: 5 } },
    })
    expect(encodeDesiredOperation('reboot', { operationId: 'op-1', request: undefined }, {})).toEqual({
      iothubDM: { reboot: { operationId: 'op-1' } },
    })
  })

  it('removes what another request has left there, and touches nothing else', () => {
    const desired = {
      iothubDM: { reboot: { operationId: 'op-1', delaySeconds: 5, deep: { a: 1 } }, other: { operationId: 'op-2' } },
      telemetry: {},
    }
    const patch = encodeDesiredOperation('reboot', { operationId: 'op-3', request: { deep: { b: 2 } } }, desired)
    expect(patch).toEqual({
      iothubDM: { reboot: { operationId: 'op-3', delaySeconds: null, deep: { a: null, b: 2 } } },
    })
  })

  it('has nothing to send when the hub has it', () => {
    const request = { operationId: 'op-1', request: { delaySeconds: 5 } }
    const desired = { iothubDM: { reboot: { delaySeconds: 5, operationId: 'op-1' } } }
    expect(encodeDesiredOperation('reboot', request, desired)).toBeUndefined()
  })

  it.each<[JsonObject, string]>([
    [{ a: null }, 'a: is null'],
    [{ 'a.b': 1 }, 'a.b: is a key with a blank'],
    [{ a: 'x'.repeat(5000) }, 'a: is a string of more than 4096 bytes'],
  ])('refuses %j', (request, issue) => {
    expect(() => encodeDesiredOperation('reboot', { operationId: 'op', request }, {})).toThrow(
      `request of action 'reboot' as a desired property: ${issue}`,
    )
  })

  it('can be read again, whatever stood there', () => {
    const key = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString')
    const value = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 3 }), fc.array(fc.nat(3)))
    const request: fc.Arbitrary<JsonObject> = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value)))
    const before = fc.oneof(value, fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value))))
    fc.assert(
      fc.property(request, before, (wanted, stood) => {
        const desired: JsonObject = { iothubDM: { work: stood, other: 1 }, zones: [1] }
        const patch = encodeDesiredOperation('work', { operationId: 'op', request: wanted }, desired)
        const after = applyMergePatch(desired, patch ?? {})
        expect(decodeDesiredOperation('work', after)).toEqual({ operationId: 'op', request: wanted })
        expect(after).toMatchObject({ iothubDM: { other: 1 }, zones: [1] })
        const cleared = applyMergePatch(after, encodeDesiredOperationClear('work'))
        expect(cleared).toEqual({ iothubDM: { other: 1 }, zones: [1] })
        expect(decodeDesiredOperation('work', cleared)).toBeUndefined()
      }),
    )
  })
})

describe('decodeDesiredOperation', () => {
  it.each<JsonObject>([{}, { iothubDM: 5 }, { iothubDM: {} }, { iothubDM: { other: {} } }])(
    'finds none in %j',
    desired => {
      expect(decodeDesiredOperation('reboot', desired)).toBeUndefined()
      expect(decodeDesiredOperation('constructor', desired)).toBeUndefined()
      expect(decodeDesiredOperation('__proto__', desired)).toBeUndefined()
    },
  )

  it('reads a bare value as the pattern does', () => {
    expect(decodeDesiredOperation('reboot', { iothubDM: { reboot: 5 } }, rebootFromBarePayload)).toEqual({
      request: { delaySeconds: 5 },
    })
    expect(decodeDesiredOperation('reboot', { iothubDM: { reboot: 5 } })).toEqual({
      issues: [{ path: [], message: 'must be an object' }],
    })
  })

  it('says what is wrong with it', () => {
    const desired = { iothubDM: { reboot: { operationId: 'a b', expiresAt: 'soon' } } }
    expect(decodeDesiredOperation('reboot', desired)).toMatchObject({
      issues: [{ path: ['operationId'] }, { path: ['expiresAt'] }],
    })
  })
})
