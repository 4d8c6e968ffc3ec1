import { inspect } from 'node:util'
import { type ActionHandler, implement } from '@iothub-dm/device'
import { action, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { AgentBench } from '../support/agent-bench.ts'

const contract = defineContract({
  actions: {
    download: action({
      request: v.object({ version: v.string(), url: v.pipe(v.string(), v.url()) }),
      secrets: ['url'],
      phases: ['urlExpired'],
      result: v.object({ url: v.string() }),
    }),
  },
})
const urlOf = (signature: string) => `https://images.example/2.0.bin?se=2026-01-01&sig=${signature}`
const stale = 'canary-of-a-stale-signature'
const fresh = 'canary-of-a-fresh-signature'

/** Needs a URL that is fresh, and says by its phase when it is not. */
const download: ActionHandler<typeof contract.actions.download> = async op => {
  while (!op.request.url.includes(fresh)) {
    op.phase('urlExpired')
    await op.requestRenewed()
  }
  return { url: new URL(op.request.url).pathname }
}

it('F23: a back end renews the secrets of an operation under way; they show nowhere', async () => {
  const implementation = implement(contract, { actions: { download } })
  await using bench = await AgentBench.open(contract, implementation)
  const seen: unknown[] = []
  const { actions } = bench.fleet.getDeviceClient('cam-1')
  const request = { version: '2.0', url: urlOf(stale) }
  const operation = await actions.download.begin(request, { operationId: 'op' })
  for await (const record of operation) {
    seen.push(record)
    if (record.status === 'urlExpired') break
  }
  // A life in between: it finds the secrets as they were.
  await bench.boot(implementation)
  const files = await bench.stateFiles()
  expect(files.get('secrets')).toContain(stale)
  seen.push([...files].filter(([name]) => name !== 'secrets'))

  const refused = actions.download.begin({ ...request, version: '3.0' }, { operationId: 'op' })
  await expect(refused).rejects.toMatchObject({ code: 'OperationConflict', status: 409 })
  seen.push(await refused.catch((error: unknown) => error))
  const renewed = await actions.download.begin({ ...request, url: urlOf(fresh) }, { operationId: 'op' })
  expect(await renewed.result({ timeoutInMs: 10_000 })).toEqual({ url: '/2.0.bin' })

  const invalid = actions.download.begin({ version: '2.0', url: `no url: ${stale}` })
  seen.push(await invalid.catch((error: unknown) => error))
  await expect(invalid).rejects.toMatchObject({ code: 'InvalidRequest' })
  await bench.boot(implementation)
  const left = await bench.stateFiles()
  expect([...left.keys()].filter(name => !name.startsWith('lock'))).toEqual(['journal'])
  seen.push([...left], operation.record, bench.errors)
  const everything = inspect(seen, { depth: 12, showHidden: true, maxStringLength: null })
  expect(everything).toContain('"version":"2.0"')
  expect(everything.split('\n').filter(line => line.includes('canary'))).toEqual([])
})
