import { implement } from '@iothub-dm/device'
import { defineContract, method } from '@iothub-dm/protocol'
import { isRefusedError } from '@iothub-dm/service'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { AgentBench } from '../support/agent-bench.ts'

const contract = defineContract({
  methods: { slow: method({ response: v.string() }), ping: method({ response: v.string() }) },
})

it('C5: a device that is flooded answers what it can, refuses the rest at once, and is free again after that', async () => {
  const go = new AbortController()
  const implementation = implement(contract, {
    methods: {
      slow: () =>
        new Promise(resolve => {
          const answer = () => resolve('done')
          if (go.signal.aborted) answer()
          else go.signal.addEventListener('abort', answer)
        }),
      ping: () => 'pong',
    },
  })
  await using bench = await AgentBench.open(contract, implementation, { maxConcurrentMethods: 8 })
  const { methods } = bench.fleet.getDeviceClient('cam-1')
  let refused = 0
  const calls = Array.from({ length: 200 }, async () => {
    try {
      return await methods.slow.invoke()
    } catch (error) {
      if (!isRefusedError(error, 'TooManyRequests') || error.status !== 429 || !error.retryable) throw error
      refused += 1
      // The eight that were taken on have the device to themselves until all others are answered.
      if (refused === 192) go.abort()
      return 'refused'
    }
  })
  const answers = await Promise.all(calls)
  expect(answers.filter(answer => answer === 'done')).toHaveLength(8)
  expect(refused).toBe(192)
  expect(await methods.ping.invoke()).toBe('pong')
}, 30_000)
