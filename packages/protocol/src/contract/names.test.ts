import { describe, expect, it } from 'vitest'
import { operationErrorCode } from '../operation/operation-record.ts'
import { operationState } from '../operation/operation-state.ts'
import { ContractError } from './contract-error.ts'
import {
  checkActionName,
  checkConfigurationName,
  checkErrorCodes,
  checkMethodName,
  checkModelId,
  checkPhases,
} from './names.ts'

const prototypeNames = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty']
const objectNames = [...prototypeNames, 'then', 'toJSON']

describe('checkMethodName', () => {
  it.each(['getLogs', 'a', 'thermostat*reboot', 'v1.get-logs_now~', 'x'.repeat(100), '42'])('takes %s', name => {
    expect(() => checkMethodName(name)).not.toThrow()
  })

  it.each([
    '',
    'x'.repeat(101),
    'get logs',
    'get/logs',
    'get$logs',
    'get+logs',
    'getLögs',
    'a\nb',
    'a?b',
    'a#',
    'a%20b',
  ])('refuses %j', name => {
    expect(() => checkMethodName(name)).toThrow(
      new ContractError(`method '${name}'`, 'a method name has 1 to 100 letters, digits or . _ ~ * -'),
    )
  })

  it.each([...objectNames, 'cancelOperation'])('reserves %s', name => {
    expect(() => checkMethodName(name)).toThrow(new ContractError(`method '${name}'`, 'the name is reserved'))
  })
})

describe.each([
  ['action', checkActionName, 'cancelOperation'],
  ['configuration', checkConfigurationName, 'iothubDM'],
] as const)('name of %s', (kind, check, reserved) => {
  it.each(['calibrate', 'a', 'self-test_2', 'x'.repeat(64)])('may be %s', name => {
    expect(() => check(name)).not.toThrow()
  })

  it.each(['', 'x'.repeat(65), 'a.b', 'a b', 'a$', '$version', 'a#b', 'a*b', 'ä', 'a\tb', 'a~b'])(
    'must not be %j',
    name => {
      expect(() => check(name)).toThrow(
        new ContractError(`${kind} '${name}'`, 'the name has 1 to 64 letters, digits, _ or -'),
      )
    },
  )

  it.each([...objectNames, reserved])('must not be the reserved %s', name => {
    expect(() => check(name)).toThrow(new ContractError(`${kind} '${name}'`, 'the name is reserved'))
  })
})

describe('checkPhases', () => {
  it('takes words', () => {
    expect(() => checkPhases('calibrate', ['warming', 'measuring', 'rolled-back', 'x'.repeat(64)])).not.toThrow()
  })

  it.each([['', 'warm up', 'x'.repeat(65), 'ö', 'a.b']].flat())('refuses %j', phase => {
    expect(() => checkPhases('calibrate', ['warming', phase])).toThrow(
      new ContractError("action 'calibrate'", `phase '${phase}' must have 1 to 64 letters, digits, _ or -`),
    )
  })

  it('refuses a phase that is named twice', () => {
    expect(() => checkPhases('calibrate', ['a', 'b', 'a'])).toThrow("action 'calibrate': phase 'a' is named twice")
  })

  it.each(Object.values(operationState))('refuses %s, the word of a state', state => {
    expect(() => checkPhases('calibrate', [state])).toThrow(`phase '${state}' is the word of a state`)
  })
})

describe('checkErrorCodes', () => {
  it('takes words', () => {
    expect(() => checkErrorCodes('calibrate', ['sensorFault', 'E_42'])).not.toThrow()
  })

  it('refuses what is no word, or is named twice', () => {
    expect(() => checkErrorCodes('calibrate', ['sensor fault'])).toThrow(
      "action 'calibrate': error code 'sensor fault'",
    )
    expect(() => checkErrorCodes('calibrate', ['a', 'a'])).toThrow("action 'calibrate': error code 'a' is named twice")
  })

  it.each(Object.keys(operationErrorCode))('refuses %s, which every action has', code => {
    expect(() => checkErrorCodes('calibrate', [code])).toThrow(`error code '${code}' is one that every action has`)
  })
})

describe('checkModelId', () => {
  it.each(['dtmi:contoso:Camera;1', 'dtmi:a;999999999', 'dtmi:com:example:Thermostat_2:x9;42'])('takes %s', id => {
    expect(() => checkModelId(id)).not.toThrow()
  })

  it.each([
    '',
    'Camera',
    'dtmi:contoso:Camera',
    'dtmi:contoso:Camera;0',
    'dtmi:contoso:Camera;01',
    'dtmi:contoso:Camera;1234567890',
    'dtmi:_contoso:Camera;1',
    'dtmi:contoso_:Camera;1',
    'dtmi:9contoso;1',
    'dtmi:contoso::Camera;1',
    `dtmi:${'x'.repeat(122)};1`,
  ])('refuses %j', id => {
    expect(() => checkModelId(id)).toThrow(
      new ContractError(`modelId '${id}'`, "must be a model identifier such as 'dtmi:contoso:Camera;1'"),
    )
  })
})
