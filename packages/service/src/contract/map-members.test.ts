import { expect, it } from 'vitest'
import { mapMembers } from './map-members.ts'

it('makes something of every member', () => {
  expect({ ...mapMembers({ one: 1, two: 2 }, (value, name) => `${name}: ${value}`) }).toEqual({
    one: 'one: 1',
    two: 'two: 2',
  })
})

it('has no members but these', () => {
  const made = mapMembers({ one: 1 }, value => value)
  for (const name of ['toString', 'constructor', '__proto__', 'then']) expect(made[name]).toBeUndefined()
  expect(
    Reflect.get(
      mapMembers({ toString: 1 }, value => value + 1),
      'toString',
    ),
  ).toBe(2)
})

it('is frozen', () => {
  expect(
    Reflect.set(
      mapMembers({ one: 1 }, value => value),
      'two',
      2,
    ),
  ).toBe(false)
})
