// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 wants the polyfill loaded before it
import 'reflect-metadata'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import * as x509 from '@peculiar/x509'
import type { IConnectPacket, Packet } from 'mqtt-packet'
import { HubSide } from './scripted-hub-side.ts'

const hostName = 'scripted.azure-devices.net'

/** The key in the connection string of a scripted hub, in base64; no message may hold it. */
export const secretKey: string = Buffer.from('the key that nobody may see').toString('base64')

/** How a scripted hub answers; what a test leaves out is done as IoT Hub does it. */
export interface HubScript {
  /** Return code for the CONNACK; undefined keeps silent. */
  readonly connack?: (connect: IConnectPacket, connection: number) => number | undefined
  /** What subscriptions are granted; 0x80 refuses one, undefined keeps silent. */
  readonly suback?: (filters: readonly string[], connection: number) => readonly number[] | undefined
  /** Answer to a twin read or a report; undefined keeps silent. */
  readonly twin?: (topic: string, body: string) => ScriptedTwinAnswer | undefined
  /** Whether pings are answered. Default: yes. */
  readonly pings?: boolean
}

/** A scripted answer to a twin request. */
export interface ScriptedTwinAnswer {
  readonly status: number
  readonly version?: number
  readonly body?: string
}

/** An MQTT server on loopback that misbehaves as a test says. It keeps no sessions. Test support. */
export interface ScriptedHub extends AsyncDisposable {
  /** A device's connection string; the host name is the one in the certificate unless given. */
  readonly connectionString: (host?: string) => string
  readonly endpoint: { readonly host: string; readonly port: number }
  readonly ca: string
  /** All connections so far, in which a CONNECT has come. */
  readonly connections: readonly HubSide[]
  /** Resolves with the n-th connection, counted from 1, be it past or to come. */
  readonly connection: (number: number) => Promise<HubSide>
  /** Resolves with the first packet of a kind, be it past or to come. */
  readonly packet: (command: Packet['cmd']) => Promise<Packet>
  /** Changes what the hub does from now on. */
  readonly follow: (script: HubScript) => void
}

/** Starts a scripted hub with a certificate of its own. */
export async function startScriptedHub(initialScript: HubScript = {}): Promise<ScriptedHub> {
  const { key, certificate } = await makeCertificate()
  const secureContext = createSecureContext({ key, cert: certificate })
  const events = new EventEmitter()
  const accepted = new Set<HubSide>()
  const connections: HubSide[] = []
  const received: Packet[] = []
  let script = initialScript

  const handle = (packet: Packet, side: HubSide): void => {
    received.push(packet)
    if (packet.cmd === 'connect') connections.push(side)
    const answer = answerOf(script, packet, connections.indexOf(side) + 1)
    if (answer !== undefined) side.send(answer)
    if (packet.cmd === 'disconnect') side.close()
    events.emit('packet')
  }
  const server = createServer({ noDelay: true }, tcp => {
    tcp.on('error', () => {})
    const side = new HubSide(tcp, new TLSSocket(tcp, { isServer: true, secureContext }), handle)
    accepted.add(side)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')

  return {
    connectionString: (host = hostName) => `HostName=${host};DeviceId=camera-1;SharedAccessKey=${secretKey}`,
    endpoint: { host: '127.0.0.1', port: address.port },
    ca: certificate,
    connections,
    async connection(number) {
      for (;;) {
        const side = connections[number - 1]
        if (side !== undefined) return side
        await once(events, 'packet')
      }
    },
    async packet(command) {
      for (;;) {
        const packet = received.find(({ cmd }) => cmd === command)
        if (packet !== undefined) return packet
        await once(events, 'packet')
      }
    },
    follow(next) {
      script = next
    },
    async [Symbol.asyncDispose]() {
      for (const side of accepted) side.destroy()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}

function answerOf(script: HubScript, packet: Packet, connection: number): Packet | undefined {
  switch (packet.cmd) {
    case 'connect': {
      const returnCode = script.connack === undefined ? 0 : script.connack(packet, connection)
      return returnCode === undefined ? undefined : { cmd: 'connack', returnCode, sessionPresent: false }
    }
    case 'subscribe': {
      const filters = packet.subscriptions.map(({ topic }) => topic)
      const granted = script.suback === undefined ? filters.map(() => 0) : script.suback(filters, connection)
      return granted && { cmd: 'suback', messageId: packet.messageId ?? 0, granted: [...granted] }
    }
    case 'publish':
      return answerToPublish(script, packet.topic, packet.payload.toString())
    case 'pingreq':
      return script.pings === false ? undefined : { cmd: 'pingresp' }
    default:
      return undefined
  }
}

function answerToPublish(script: HubScript, topic: string, body: string): Packet | undefined {
  if (!topic.startsWith('$iothub/twin/')) return undefined
  const answer = script.twin === undefined ? defaultTwin(topic) : script.twin(topic, body)
  if (answer === undefined) return undefined
  const requestId = topic.slice(topic.indexOf('$rid='))
  const version = answer.version === undefined ? '' : `&$version=${answer.version}`
  return {
    cmd: 'publish',
    topic: `$iothub/twin/res/${answer.status}/?${requestId}${version}`,
    payload: answer.body ?? '',
    qos: 0,
    dup: false,
    retain: false,
  }
}

function defaultTwin(topic: string): ScriptedTwinAnswer {
  return topic.startsWith('$iothub/twin/GET')
    ? { status: 200, body: '{"desired":{"$version":1},"reported":{"$version":1}}' }
    : { status: 204, version: 2 }
}

async function makeCertificate(): Promise<{ readonly key: string; readonly certificate: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${hostName}`,
    keys,
    signingAlgorithm: algorithm,
    // Not now: OpenSSL's clock is up to some milliseconds behind, and may be in the second before.
    notBefore: new Date(Date.now() - 3_600_000),
    extensions: [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: hostName },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { key, certificate: certificate.toString('pem') }
}
