import { inspect } from 'node:util'
import { action, defineContract } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate, type LifeOptions, type SimulatedLife, startLife, until } from '../../test/simulated-life.ts'
import type { ActionHandler } from '../implementation/handlers.ts'
import { implement } from '../implementation/implement.ts'

const contract = defineContract({
  actions: {
    update: action({
      request: v.object({
        version: v.string(),
        url: v.pipe(v.string(), v.url()),
        headers: v.optional(v.record(v.string(), v.string())),
      }),
      secrets: ['url', 'headers'],
      errors: ['tooLarge'],
      result: v.optional(v.unknown()),
    }),
  },
})
type Update = ActionHandler<typeof contract.actions.update>

const signature = 'canary-of-a-signature'
const token = 'canary-of-a-token'
const urlOf = (sig: string) => `https://images.example/fw.bin?sv=2024-11-04&sig=${sig}`
const request = { operationId: 'op', version: '2.0', url: urlOf(signature), headers: { authorization: token } }

async function live(update: Update, options: Partial<LifeOptions> = {}): Promise<SimulatedLife> {
  const implementation = implement(contract, { actions: { update } })
  const life = await startLife({ implementation, fileSystem: new SimulatedDisk(), ...options })
  life.manager.resume()
  return life
}

/** Waits for fresh secrets, and gives back what it then has, without them. */
const renewing: Update = async op => {
  const before = op.request.url
  await op.requestRenewed()
  return { renewed: before !== op.request.url, sig: op.request.url.endsWith('fresh-signature-0001') }
}

describe('the secrets of a request', () => {
  it('F23: are nowhere but in their file: not in the journal, a record, an error, a log', async () => {
    const fileSystem = new SimulatedDisk()
    const seen: unknown[] = []
    const leaks: Update[] = [
      op => {
        throw new TypeError(`GET ${op.request.url} failed`, { cause: { headers: op.request.headers } })
      },
      op => op.fail('tooLarge', `too large: ${op.request.url}`),
      op => op.request.url,
      op => ({ deep: [op.request.headers] }),
      op => op.step('leak', () => ({ from: op.request.url })),
      op => op.step(op.request.url, () => 'a name'),
      op => op.step('nested', () => Promise.reject(new Error(`no route to ${op.request.url}`))),
      async op => {
        op.progress(10, `fetching ${op.request.url}`)
        await op.deferUntil(new Date(-1), `waits for ${op.request.url}`)
        await op.restart(() => {
          throw new Error(`cannot restart with ${token}`)
        })
      },
    ]
    for (const [index, leak] of leaks.entries()) {
      const life = await live(leak, { fileSystem, operations: { penalty: false } })
      life.store.onChange(log => seen.push(structuredClone(log.record)))
      const operationId = `op-${index}`
      seen.push(await life.begin('update', { ...request, operationId }))
      await life.reached('failed', operationId)
      seen.push(await life.begin('update', { ...request, operationId }), life.store.get(operationId), ...life.errors)
      await life.close()
    }
    const written = fileSystem.calls.flatMap(call =>
      call.kind === 'write' ? [Buffer.from(call.bytes).toString()] : [],
    )
    const journal = written.filter(text => !text.startsWith('{"op-'))
    expect(written.length - journal.length).toBe(leaks.length)
    expect(journal.join('')).toContain('"version":"2.0"')
    const everything = [...seen.map(value => inspect(value, { depth: 12, showHidden: true })), ...journal].join('\n')
    expect(everything).toContain('[secret]')
    expect(everything.split('\n').filter(line => line.includes('canary'))).toEqual([])
    expect(await fileSystem.readFile('/state/secrets')).toBeUndefined()
  })

  it('F23: are not quoted in the refusal of a request that breaks the schema', async () => {
    const life = await live(() => {})
    const answer = await life.begin('update', { ...request, url: signature, headers: { authorization: 5 } })
    expect(answer).toMatchObject({
      status: 400,
      payload: { error: { issues: [{ message: 'breaks the schema' }, {}] } },
    })
    expect(JSON.stringify(answer)).not.toContain('canary')
    await life.close()
  })

  it('survive a crash, and are gone once the operation is over', async () => {
    const fileSystem = new SimulatedDisk()
    const begun = gate()
    const first = await live(
      () => {
        begun.open()
        return new Promise(() => {})
      },
      { fileSystem },
    )
    await first.begin('update', request)
    await begun.promise
    const life = await live(
      op => ({ same: op.request.url === request.url, headers: op.request.headers !== undefined }),
      {
        fileSystem,
      },
    )
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toEqual({ same: true, headers: true })
    await life.close()
    expect(await fileSystem.readFile('/state/secrets')).toBeUndefined()
  })

  it('are renewed by a repeat of the same operation, which is answered with the stored record', async () => {
    const life = await live(renewing)
    await life.begin('update', request)
    await life.reached('running')
    await until(() => life.store.get('op')?.record.attempt === 1)
    const answer = await life.begin('update', { ...request, url: urlOf('fresh-signature-0001') })
    expect(answer).toEqual({ status: 202, payload: { operationId: 'op', state: 'running' } })
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toEqual({ renewed: true, sig: true })
    await life.close()
  })

  it('are renewed durably: also for a next life', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await live(() => new Promise(() => {}), { fileSystem })
    await first.begin('update', request)
    await first.begin('update', { ...request, url: urlOf('fresh-signature-0001') })
    const life = await live(op => op.request.url.endsWith('fresh-signature-0001'), { fileSystem })
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toBe(true)
    await life.close()
  })

  it('are not renewed by the same ones again, by none, or by such as break the schema', async () => {
    let renewals = 0
    const life = await live(async op => {
      for (;;) {
        await op.requestRenewed()
        renewals += 1
      }
    })
    await life.begin('update', request)
    await life.reached('running')
    expect(await life.begin('update', request)).toMatchObject({ status: 202 })
    expect(await life.begin('update', { operationId: 'op', version: '2.0' })).toMatchObject({ status: 202 })
    expect(await life.begin('update', { ...request, url: 'canary' })).toMatchObject({
      status: 400,
      payload: { error: { code: 'InvalidPayload', issues: [{ path: ['url'], message: 'breaks the schema' }] } },
    })
    expect(renewals).toBe(0)
    await life.begin('update', { ...request, url: urlOf('fresh-signature-0001') })
    await until(() => renewals === 1)
    await life.close()
  })

  it('C3: do not tell operations apart; everything else does', async () => {
    const life = await live(renewing)
    await life.begin('update', request)
    const conflict = { status: 409, payload: { error: { code: 'OperationConflict' } } }
    expect(await life.begin('update', { ...request, version: '3.0' })).toMatchObject(conflict)
    expect(await life.begin('update', { ...request, url: urlOf('other'), version: '3.0' })).toMatchObject(conflict)
    await life.close()
  })

  it('that come for an operation that is over change nothing', async () => {
    const fileSystem = new SimulatedDisk()
    const life = await live(() => 'done', { fileSystem })
    await life.begin('update', request)
    await life.reached('succeeded')
    await until(() => !fileSystem.calls.some(({ kind }) => kind === 'create') || life.store.get('op') !== undefined)
    expect(await life.begin('update', { ...request, url: urlOf('late') })).toMatchObject({
      status: 200,
      payload: { state: 'succeeded', result: 'done' },
    })
    await life.close()
    expect(await fileSystem.readFile('/state/secrets')).toBeUndefined()
  })

  it('that were lost fail the operation: it cannot go on without them', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await live(() => new Promise(() => {}), { fileSystem })
    await first.begin('update', request)
    await first.reached('running')
    await fileSystem.unlink('/state/secrets')
    const life = await live(() => 'done', { fileSystem })
    await life.reached('failed')
    expect(life.store.get('op')?.record.error?.code).toBe('InvalidRequest')
    await life.close()
  })

  it('R4: are refused with 503 when the disk cannot keep them; nothing is accepted then', async () => {
    let full = false
    const fileSystem = new SimulatedDisk({
      fault: (_call, name) => (full && name.startsWith('secrets') ? 'ENOSPC' : undefined),
    })
    const life = await live(() => 'done', { fileSystem })
    full = true
    await expect(life.begin('update', request)).rejects.toMatchObject({ code: 'PersistenceFailed' })
    expect(life.store.get('op')).toBeUndefined()
    full = false
    await life.begin('update', request)
    await life.reached('succeeded')
    await life.close()
  })

  it('op.requestRenewed rejects with the reason of the signal', async () => {
    const life = await live(op => op.requestRenewed())
    await life.begin('update', request)
    await life.reached('running')
    await life.manager.cancel('op')
    await life.reached('cancelled')
    await life.close()
  })
})
