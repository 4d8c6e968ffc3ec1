import { expect, it } from 'vitest'
import { systemRandom } from './system-random.ts'

it('gives as many bytes as it is asked for, never the same twice', () => {
  const random = systemRandom()
  const given = [16, 32, 0, 1, 4096, 5000, ...Array.from({ length: 1000 }, () => 16)].map(count => {
    const bytes = random(count)
    expect(bytes).toHaveLength(count)
    return bytes
  })
  const ids = given.filter(bytes => bytes.length === 16).map(bytes => bytes.toString('hex'))
  expect(new Set(ids).size).toBe(ids.length)
  for (const bytes of given.filter(({ length }) => length > 1000)) expect(new Set(bytes).size).toBeGreaterThan(200)
})
