import { expect, it } from 'vitest'
import { startLocalHub } from '../index.ts'
import { portNotice, startOnStandardPorts } from './hub-ports.ts'

const anywhere = { https: { wanted: 0, spare: 0 }, amqp: { wanted: 0, spare: 0 } }

it('a hub goes to the spare port when the one it wants is taken, and says so', async () => {
  await using other = await startLocalHub()
  const wanted = other.httpsEndpoint.port
  const { hub, notice } = await startOnStandardPorts({ mqttPort: 0 }, { ...anywhere, https: { wanted, spare: 0 } })
  expect(notice).toBe(`Port ${wanted} is taken by another program, so it is ${hub.httpsEndpoint.port}.`)
  await hub.close()
})

it('a hub does not go elsewhere than it was told', async () => {
  await using other = await startLocalHub()
  const { port } = other.httpsEndpoint
  await expect(startOnStandardPorts({ mqttPort: 0, httpsPort: port }, anywhere)).rejects.toThrow(/EADDRINUSE/)
  await expect(startOnStandardPorts({ mqttPort: port }, anywhere)).rejects.toThrow(/EADDRINUSE/)
})

it('a hub refuses AMQP where clients look for it, unless somebody else is there', async () => {
  await using other = await startLocalHub()
  const wanted = other.amqpEndpoint.port
  const { hub, notice } = await startOnStandardPorts({ mqttPort: 0 }, { ...anywhere, amqp: { wanted, spare: 0 } })
  expect([hub.amqpEndpoint.port === wanted, notice]).toEqual([false, undefined])
  await Promise.all([hub.close(), other.close()])
  const next = await startOnStandardPorts({ mqttPort: 0 }, { ...anywhere, amqp: { wanted, spare: 0 } })
  expect(next.hub.amqpEndpoint.port).toBe(wanted)
  await next.hub.close()
})

it('a port that needs a permission comes with the way to get it', () => {
  expect(portNotice('EACCES', 443, 8443)).toMatch(/^Port 443 needs a permission, so it is 8443\. To allow 443: \S+/)
})
