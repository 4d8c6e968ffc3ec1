import { expect, it } from 'vitest'
import { isOperationState, isTerminalState, legalTransitions, operationState } from './operation-state.ts'

const states = Object.values(operationState)

it('five states are terminal, and the table lets none of them go', () => {
  const terminal = states.filter(isTerminalState)
  expect(terminal).toEqual(['succeeded', 'failed', 'rejected', 'cancelled', 'expired'])
  for (const state of terminal) expect(legalTransitions[state]).toEqual([])
})

it('every state can be reached from accepted', () => {
  const reached = new Set<string>(['accepted'])
  for (const state of reached) {
    if (isOperationState(state)) for (const next of legalTransitions[state]) reached.add(next)
  }
  expect([...reached].toSorted()).toEqual(states.toSorted())
})

it('knows its own words only', () => {
  expect(states.every(isOperationState)).toBe(true)
  for (const value of ['', 'Running', 'toString', '__proto__', null, undefined, 1, ['running']]) {
    expect(isOperationState(value)).toBe(false)
  }
})
