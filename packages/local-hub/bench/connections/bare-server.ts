// The least that a server can do for the same clients: TLS, mqtt-packet and node:https, without a check and without a state.
import type { ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { generate, type Packet, parser } from 'mqtt-packet'
import { createAuthority } from '../../src/tls/certificate-authority.ts'
import { issueServerCertificate } from '../../src/tls/server-certificate.ts'
import { listen } from '../../src/transports/endpoint.ts'
import { reportTo } from './server-process.ts'

const hostName = 'bare.example'
const twin = '{"desired":{"$version":1},"reported":{"$version":1}}'
const { key, certificate, caCertificate } = await issueServerCertificate(await createAuthority(1), [hostName])
const devices = new Map<string, TLSSocket>()
const calls = new Map<string, ServerResponse>()
let lastCall = 0

const mqtt = createTlsServer({ key, cert: certificate, noDelay: true }, socket => {
  const packets = parser()
  packets.on('packet', packet => answer(socket, packet))
  socket.on('data', bytes => packets.parse(bytes))
  socket.on('error', () => {})
})

const https = createHttpsServer({ key, cert: certificate, noDelay: true }, (request, response) => {
  request.resume().on('end', () => {
    const [, , deviceId = ''] = (request.url ?? '').split('/')
    lastCall += 1
    calls.set(String(lastCall), response)
    const socket = devices.get(deviceId)
    if (socket !== undefined) publish(socket, `$iothub/methods/POST/ping/?$rid=${lastCall}`, 'null')
  })
})

function answer(socket: TLSSocket, packet: Packet): void {
  if (packet.cmd === 'connect') {
    devices.set(packet.clientId, socket)
    send(socket, { cmd: 'connack', returnCode: 0, sessionPresent: false })
  } else if (packet.cmd === 'subscribe') {
    const granted = packet.subscriptions.map(() => 0)
    send(socket, { cmd: 'suback', messageId: packet.messageId ?? 0, granted })
  } else if (packet.cmd === 'publish') {
    const [, requestId = ''] = packet.topic.split('$rid=')
    if (packet.topic.startsWith('$iothub/twin/')) publish(socket, `$iothub/twin/res/200/?$rid=${requestId}`, twin)
    else calls.get(requestId)?.end(`{"status":200,"payload":${packet.payload.toString()}}`)
    calls.delete(requestId)
  }
}

function publish(socket: TLSSocket, topic: string, payload: string): void {
  send(socket, { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })
}

function send(socket: TLSSocket, packet: Packet): void {
  socket.write(generate(packet))
}

const anyPort = { host: '127.0.0.1', port: 0 }
const [{ port: mqttPort }, { port: httpsPort }] = await Promise.all([listen(mqtt, anyPort), listen(https, anyPort)])
reportTo({ hostName, mqttPort, httpsPort, ca: caCertificate, deviceKey: 'none', serviceToken: 'none' })
