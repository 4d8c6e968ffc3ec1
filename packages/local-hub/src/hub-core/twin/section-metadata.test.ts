import { describe, expect, it } from 'vitest'
import { patchMetadata } from './section-metadata.ts'

const first = { $lastUpdated: '1', $lastUpdatedVersion: 1 }
const second = { $lastUpdated: '2', $lastUpdatedVersion: 2 }

describe('patchMetadata', () => {
  const before = patchMetadata(undefined, { a: { b: 1, c: 2 }, d: [1, { e: 2 }] }, first)

  it('mirrors objects; arrays are leaves', () => {
    expect(before).toEqual({ ...first, a: { ...first, b: first, c: first }, d: first })
  })

  it('stamps what a patch names and its ancestors, nothing else', () => {
    expect(patchMetadata(before, { a: { b: 1 } }, second)).toEqual({
      ...second,
      a: { ...second, b: second, c: first },
      d: first,
    })
  })

  it('drops the metadata of what is deleted and stamps the ancestors', () => {
    expect(patchMetadata(before, { a: { b: null }, d: null }, second)).toEqual({
      ...second,
      a: { ...second, c: first },
    })
  })

  it('starts again where a scalar and an object change places', () => {
    expect(patchMetadata(before, { a: 5, d: { e: 6 } }, second)).toEqual({
      ...second,
      a: second,
      d: { ...second, e: second },
    })
  })
})
