import { afterEach, beforeEach, expect, it } from 'vitest'
import { temporaryDirectory } from '../../test/simulated-life.ts'
import { begin, type Work } from '../../test/work-life.ts'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
beforeEach(async () => {
  directory = await temporaryDirectory()
})
afterEach(() => directory[Symbol.asyncDispose]())

/** How an operation with that handler ends. */
async function endOf(work: Work) {
  const life = await begin(work, { directory: directory.path })
  await Promise.race([life.reached('rejected'), life.reached('failed')])
  await life.close()
  return { state: life.state(), error: life.store.get('op')?.record.error, errors: life.errors }
}

it('a handler may reject an operation while nothing is done', async () => {
  const end = await endOf(op => op.reject('sensorFault', 'the sensor is cold', { retryable: true }))
  expect(end).toEqual({
    state: 'rejected',
    error: { code: 'sensorFault', message: 'the sensor is cold', retryable: true },
    errors: [],
  })
})

it('a step that threw has done nothing', async () => {
  const end = await endOf(async op => {
    await op
      .step('look', () => {
        throw new Error('no sensor')
      })
      .catch(() => op.reject('sensorFault'))
  })
  expect(end).toMatchObject({
    state: 'rejected',
    error: { code: 'sensorFault', message: 'sensorFault', retryable: false },
  })
})

it('once a step is done, it has failed', async () => {
  const end = await endOf(async op => {
    await op.step('warm up', () => null)
    op.reject('sensorFault', 'too late')
  })
  expect(end).toMatchObject({ state: 'failed', error: { code: 'sensorFault', message: 'too late', retryable: false } })
})

it('op.fail may say that another try makes sense', async () => {
  const end = await endOf(op => op.fail('sensorFault', 'busy', { retryable: true }))
  expect(end).toMatchObject({ state: 'failed', error: { retryable: true } })
})
