import { expect, it } from 'vitest'
import { validate } from '../schema/validate.ts'
import { cancelOperation } from './cancel-operation.ts'

it('asks for an operation by its id', () => {
  expect(validate(cancelOperation.request, { operationId: 'op-1' }, 'request').valid).toBe(true)
  expect(validate(cancelOperation.request, null, 'request').valid).toBe(false)
})

it('answers with the state of the operation', () => {
  expect(validate(cancelOperation.response, { operationId: 'op-1', state: 'cancelled' }, 'response').valid).toBe(true)
  expect(validate(cancelOperation.response, { operationId: 'op-1', state: 'gone' }, 'response').valid).toBe(false)
})
