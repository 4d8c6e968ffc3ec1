import { describe, expect, it } from 'vitest'
import { parseSerializedOperation, serializeOperation } from './serialized-operation.ts'

const address = { deviceId: 'cam-1', action: 'reboot', operationId: 'op-1' }

describe('a serialized operation', () => {
  it('is read as it was written', () => {
    expect(parseSerializedOperation(serializeOperation(address))).toEqual(address)
  })

  it('keeps its form, which other processes rely on', () => {
    expect(serializeOperation(address)).toBe('{"version":1,"deviceId":"cam-1","action":"reboot","operationId":"op-1"}')
  })

  it.each([
    '',
    'reboot',
    'null',
    '[]',
    '{}',
    '{"version":2,"deviceId":"cam-1","action":"reboot","operationId":"op-1"}',
    '{"version":1,"action":"reboot","operationId":"op-1"}',
    '{"version":1,"deviceId":"cam-1","action":7,"operationId":"op-1"}',
    '{"version":1,"deviceId":"cam-1","action":"reboot","operationId":"not an id"}',
  ])('is refused when it is %j', text => {
    expect(() => parseSerializedOperation(text)).toThrow(
      new TypeError('serialized: expected the text that serialize() of an operation handle gave'),
    )
  })
})
