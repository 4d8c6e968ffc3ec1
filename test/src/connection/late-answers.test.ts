import { FleetClient } from '@iothub-dm/service'
import azureDevice from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import { expect, it } from 'vitest'
import { serviceClientOf } from '../local-hub/azure-clients.ts'
import { AgentBench, contract } from './agent-bench.ts'

it('R15: a method that is answered after the time of its caller has an unknown outcome, and the late answer does no harm', async () => {
  await using bench = await AgentBench.open()
  await bench.agentOf(await bench.hub.createDevice('cam-1')).open()
  await using fleet = FleetClient.fromConnectionString(bench.hub.connectionString('service'), contract, {
    endpoint: bench.hub.httpsEndpoint,
    ca: bench.hub.caCertificate,
  })
  let answer: (() => void) | undefined
  bench.beforeEcho = new Promise(resolve => {
    answer = resolve
  })
  const { echo } = fleet.getDeviceClient('cam-1').methods
  const late = echo.invoke({ text: 'late' }, { responseTimeoutInSeconds: 5 })
  await expect(late).rejects.toMatchObject({ code: 'DeviceTimeout', outcomeUnknown: true })
  answer?.()
  bench.beforeEcho = Promise.resolve()
  expect(await echo.invoke({ text: 'in time' })).toBe('in time')
  expect(bench.echoed).toEqual(['late', 'in time'])
})

it('R15: an action whose answer is lost is found in the twin', async () => {
  await using bench = await AgentBench.open()
  await bench.agentOf(await bench.hub.createDevice('cam-1')).open()
  await using fleet = FleetClient.fromConnectionString(bench.hub.connectionString('service'), contract, {
    endpoint: bench.hub.httpsEndpoint,
    ca: bench.hub.caCertificate,
    pollIntervalInMs: 20,
  })
  const { count } = fleet.getDeviceClient('cam-1').actions
  const invoked = bench.hub.waitFor('methodInvoked')
  const begun = count.begin({}, { operationId: 'op-1' }).catch((error: unknown) => error)
  await invoked
  bench.hub.disconnect('cam-1', 'rst')
  await begun
  const again = await count.begin({}, { operationId: 'op-1', connectTimeoutInSeconds: 10 })
  expect(await again.result({ timeoutInMs: 5_000 })).toEqual({ runs: 1 })
  expect(bench.effects.get('op-1')).toBe(1)
})

it('R15: of two answers to one call the first counts, and one to no call is ignored', async () => {
  await using bench = await AgentBench.open()
  const client = azureDevice.Client.fromConnectionString(await bench.hub.createDevice('cam-1'), Mqtt)
  await client.setOptions({ ca: bench.hub.caCertificate })
  await client.open()
  const listening = bench.hub.waitFor('deviceSubscribed')
  const transport: unknown = Reflect.get(client, '_transport')
  client.onDeviceMethod('echo', ({ requestId }) => {
    for (const [id, payload] of [
      ['of-no-call', 'none'],
      [requestId, 'first'],
      [requestId, 'second'],
    ]) {
      sendAnswer(transport, { requestId: id, status: 200, payload })
    }
  })
  await listening
  const call = { methodName: 'echo', payload: null, responseTimeoutInSeconds: 5 }
  for (let round = 0; round < 3; round += 1) {
    const { result } = await serviceClientOf(bench.hub).invokeDeviceMethod('cam-1', call)
    expect(result.payload).toBe('first')
  }
  await client.close()
})

/** Answers below the SDK's client, which would send one alone. */
function sendAnswer(transport: unknown, answer: object): void {
  const send: unknown = transport instanceof Mqtt ? Reflect.get(transport, 'sendMethodResponse') : undefined
  if (typeof send !== 'function') throw new Error('the client has no transport')
  Reflect.apply(send, transport, [answer, () => {}])
}
