import { expect, it } from 'vitest'
import { keySetOf, manifestOf, newKey, signKeySet, signManifest } from '../../../test/firmware/signed-documents.ts'
import { followKeySets } from './follow-key-sets.ts'

const [a, b, c] = [newKey('a'), newKey('b'), newKey('c')]
const first = keySetOf(1, 1, a)
const next = keySetOf(2, 1, b)
const third = keySetOf(3, 2, b, c)
const policy = { allowDebugKeys: false }
const refusal = { name: 'FirmwareError', code: 'SignatureInvalid' }

it('F21: follows a chain that is signed by the old keys and the new', async () => {
  const chain = [await signKeySet(next, a, b), await signKeySet(third, b, c)]
  expect(await followKeySets(first, chain, policy)).toEqual(third)
  expect(await followKeySets(first, [], policy)).toEqual(first)
})

it('F21: passes over what lies behind, whoever has signed it', async () => {
  const chain = [await signKeySet(first, c), await signKeySet(next, c), await signKeySet(third, b, c)]
  expect(await followKeySets(next, chain, policy)).toEqual(third)
  expect(await followKeySets(third, chain, policy)).toEqual(third)
})

it('F21: refuses a chain with a gap', async () => {
  await expect(followKeySets(first, [await signKeySet(third, a, b, c)], policy)).rejects.toMatchObject(refusal)
})

it('F21: refuses a key set that only the old keys, or only the new ones, have signed', async () => {
  await expect(followKeySets(first, [await signKeySet(next, a)], policy)).rejects.toMatchObject(refusal)
  await expect(followKeySets(first, [await signKeySet(next, b)], policy)).rejects.toMatchObject(refusal)
  await expect(followKeySets(next, [await signKeySet(third, b)], policy)).rejects.toMatchObject(refusal)
})

it('F21: a revoked key cannot bring itself back', async () => {
  const back = keySetOf(3, 1, a)
  await expect(followKeySets(next, [await signKeySet(back, a)], policy)).rejects.toMatchObject(refusal)
})

it('F1: refuses what is no key set', async () => {
  const manifest = await signManifest(manifestOf(Buffer.from('x')), a)
  await expect(followKeySets(first, [manifest], policy)).rejects.toMatchObject({ code: 'ManifestInvalid' })
  await expect(followKeySets(first, ['nonsense'], policy)).rejects.toMatchObject({ code: 'ManifestInvalid' })
})
