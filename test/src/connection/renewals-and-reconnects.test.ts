import { DeviceAgent } from '@iothub-dm/device'
import azureDevice from 'azure-iot-device'
import { expect, it } from 'vitest'
import { AgentBench } from './agent-bench.ts'

it.each(['renewals', 'reconnects'] as const)(
  'R10: 100 forced %s, with a method in flight at each, lose no method and leak no listener',
  async kind => {
    await using bench = await AgentBench.open()
    const provider = azureDevice.SharedAccessKeyAuthenticationProvider.fromConnectionString(
      await bench.hub.createDevice('cam-1'),
    )
    const agent = bench.agent((...args) => DeviceAgent.fromAuthenticationProvider(provider, ...args))
    await agent.open()
    await bench.happenings.take('connected')
    const listeners = () => provider.eventNames().map(name => [name, provider.listenerCount(name)])
    const before = listeners()
    for (let round = 0; round < 100; round += 1) {
      let answer: (() => void) | undefined
      bench.beforeEcho = new Promise(resolve => {
        answer = resolve
      })
      const inFlight = bench.echo('cam-1', `in flight ${round}`).catch(() => 'lost')
      await bench.happenings.take('echo')
      // A token that is renewed at once: what the SDK does every 45 minutes.
      if (kind === 'renewals') provider.setTokenRenewalValues(3_600, 900)
      else bench.hub.disconnect('cam-1', round % 2 === 0 ? 'fin' : 'rst')
      await bench.happenings.take('connected')
      bench.beforeEcho = Promise.resolve()
      answer?.()
      expect(await bench.echo('cam-1', `after ${round}`)).toBe(`after ${round}`)
      await bench.happenings.take('echo')
      await inFlight
    }
    const once = Array.from({ length: 100 }, (_, round) => [`in flight ${round}`, `after ${round}`]).flat()
    expect(bench.echoed.toSorted()).toEqual(once.toSorted())
    expect(listeners()).toEqual(before)
    await agent.close()
    expect(listeners().filter(([, count]) => count !== 0)).toEqual([])
  },
  60_000,
)
