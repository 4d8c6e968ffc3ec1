import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect } from 'node:tls'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'
import { createWebSocketStream, WebSocket } from 'ws'
import type { LocalHub } from '../src/index.ts'
import { inOneHour, parseConnectionString, signSas } from './sas.ts'

/** What is unusual about a CONNECT. */
export type ConnectOverrides = Partial<IConnectPacket>

type PacketOf<TCommand extends Packet['cmd']> = Extract<Packet, { cmd: TCommand }>

/** An MQTT client without manners: sends the packets it is told to, and shows what comes back. */
export class RawMqttClient implements AsyncDisposable {
  readonly closed: Promise<void>
  /** Why the connection broke, if it broke. */
  fault: NodeJS.ErrnoException | undefined
  readonly #socket: Duplex
  readonly #tcp: Socket | undefined
  readonly #received: Packet[] = []
  #wake: () => void = () => {}
  #ended = false

  private constructor(socket: Duplex, tcp?: Socket) {
    this.#socket = socket
    this.#tcp = tcp
    this.closed = new Promise(resolve => {
      const finish = (): void => {
        this.#ended = true
        resolve()
      }
      socket.once('close', finish)
      // The stream of a WebSocket does not always close.
      socket.once('end', finish)
    })
    const packets = parser()
    packets.on('packet', packet => {
      this.#received.push(packet)
      this.#wake()
    })
    socket.on('data', data => packets.parse(data))
    socket.on('error', error => {
      this.fault = error
    })
  }

  /** Opens a TLS connection, no more. */
  static async dial(hub: LocalHub, options: ConnectionOptions = {}): Promise<RawMqttClient> {
    const { host, port } = hub.mqttEndpoint
    const tcp = connectTcp({ host, port, noDelay: true })
    const socket = connect({ socket: tcp, ca: hub.caCertificate, servername: hub.hostName, ...options })
    await once(socket, 'secureConnect')
    return new RawMqttClient(socket, tcp)
  }

  /** Opens a WebSocket, no more. */
  static async dialWebSocket(hub: LocalHub, options: ConnectionOptions = {}): Promise<RawMqttClient> {
    const { host, port } = hub.httpsEndpoint
    const webSocket = new WebSocket(`wss://${host}:${port}/$iothub/websocket`, 'mqtt', {
      ca: hub.caCertificate,
      servername: hub.hostName,
      ...options,
    })
    const stream = createWebSocketStream(webSocket)
    await once(webSocket, 'open')
    return new RawMqttClient(stream)
  }

  /** Connects as a device that the hub knows; fails unless the hub accepts it. */
  static async connect(hub: LocalHub, deviceId: string, overrides: ConnectOverrides = {}): Promise<RawMqttClient> {
    return RawMqttClient.#connect(hub, connectPacket(hub, deviceId, overrides))
  }

  /** Connects as a module that the hub knows; fails unless the hub accepts it. */
  static async connectModule(hub: LocalHub, deviceId: string, moduleId: string): Promise<RawMqttClient> {
    return RawMqttClient.#connect(hub, moduleConnectPacket(hub, deviceId, moduleId))
  }

  static async #connect(hub: LocalHub, packet: IConnectPacket): Promise<RawMqttClient> {
    const client = await RawMqttClient.dial(hub)
    client.send(packet)
    const { returnCode } = await client.next('connack')
    if (returnCode !== 0) throw new Error(`CONNACK ${returnCode}`)
    return client
  }

  send(packet: Packet): void {
    this.#socket.write(generate(packet))
  }

  /** Sends bytes that need not be a packet. */
  sendBytes(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  publish(topic: string, payload = '', qos: 0 | 1 | 2 = 0): void {
    this.send({ cmd: 'publish', topic, payload, qos, dup: false, retain: false, messageId: 7 })
  }

  async subscribe(topic: string, qos: 0 | 1 | 2 = 0): Promise<PacketOf<'suback'>> {
    this.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic, qos }] })
    return this.next('suback')
  }

  /** The next packet of a kind; others that arrived before it stay available. */
  async next<TCommand extends Packet['cmd']>(command: TCommand): Promise<PacketOf<TCommand>> {
    for (;;) {
      const index = this.#received.findIndex(packet => packet.cmd === command)
      const [packet] = index < 0 ? [] : this.#received.splice(index, 1)
      if (packet !== undefined && isCommand(packet, command)) return packet
      await this.#more(command)
    }
  }

  /** The next packet, of whatever kind. */
  async nextOfAny(): Promise<Packet> {
    for (;;) {
      const packet = this.#received.shift()
      if (packet !== undefined) return packet
      await this.#more('anything')
    }
  }

  /** Ends the connection without DISCONNECT, after what was sent. */
  hangUp(): void {
    this.#socket.end()
  }

  /** Breaks the connection with a TCP reset. */
  reset(): void {
    this.#tcp?.resetAndDestroy()
  }

  /** Leaves everything that comes from now on where it is. */
  stopReading(): void {
    this.#socket.pause()
  }

  /** Breaks the connection without DISCONNECT. */
  destroy(): void {
    this.#socket.destroy()
  }

  async #more(wanted: string): Promise<void> {
    if (this.#ended) throw new Error(`the hub closed the connection before it sent ${wanted}`)
    const arrived = new Promise<void>(resolve => {
      this.#wake = resolve
    })
    await Promise.race([arrived, this.closed])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }
}

/** The CONNECT of a device with a valid token. */
export function connectPacket(hub: LocalHub, deviceId: string, overrides: ConnectOverrides = {}): IConnectPacket {
  const connectionString = hub.deviceConnectionString(deviceId)
  return { ...validConnect(hub, deviceId, `devices/${deviceId}`, connectionString), ...overrides }
}

/** The CONNECT of a module with a valid token. */
export function moduleConnectPacket(hub: LocalHub, deviceId: string, moduleId: string): IConnectPacket {
  const connectionString = hub.moduleConnectionString(deviceId, moduleId)
  return validConnect(hub, `${deviceId}/${moduleId}`, `devices/${deviceId}/modules/${moduleId}`, connectionString)
}

function validConnect(hub: LocalHub, clientId: string, path: string, connectionString: string): IConnectPacket {
  const { SharedAccessKey: key = '' } = parseConnectionString(connectionString)
  const sr = encodeURIComponent(`${hub.hostName}/${path}`)
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: false,
    clientId,
    keepalive: 60,
    username: `${hub.hostName}/${clientId}/?api-version=2021-04-12`,
    password: Buffer.from(signSas({ sr, se: inOneHour(), key })),
  }
}

function isCommand<TCommand extends Packet['cmd']>(packet: Packet, command: TCommand): packet is PacketOf<TCommand> {
  return packet.cmd === command
}
