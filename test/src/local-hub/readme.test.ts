import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

it('the example in the README of the local hub works', async () => {
  const readme = await read('../../../packages/local-hub/README.md')
  const [, example] = /```ts\n(.*?)```/s.exec(readme) ?? []
  expect(example).toBe((await read('./readme-example.ts')).replace('export const logs: unknown', 'const logs'))
  const { logs } = await import('./readme-example.ts')
  expect(logs).toEqual(['the last 20 lines'])
})

it('so does that for modules, certificates and messages', async () => {
  const readme = await read('../../../packages/local-hub/README.md')
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, example = '']) => example)
  const example = (await read('./readme-modules-example.ts')).replace(
    'export const message: device.Message',
    'const message',
  )
  expect(examples).toContain(example)
  const { message } = await import('./readme-modules-example.ts')
  expect(message.getData()).toEqual(Buffer.from('wake up'))
})
