import { once } from 'node:events'
import { connect, type SecureContext, type TLSSocket } from 'node:tls'
import { generate, type Packet, type Parser, parser } from 'mqtt-packet'
import { inOneHour, signSas } from '../../test/sas.ts'
import type { ServerAddress } from './server-process.ts'

/** A device that does the least: connects, subscribes, reads its twin, and answers methods with what they bring. */
export class BenchDevice {
  readonly #socket: TLSSocket
  readonly #parser: Parser = parser()
  #twinRead: () => void = () => {}

  private constructor(socket: TLSSocket) {
    this.#socket = socket
    this.#parser.on('packet', packet => this.#received(packet))
    socket.on('data', bytes => this.#parser.parse(bytes))
  }

  /** Resolves when the device has its twin. */
  static async connect(address: ServerAddress, secureContext: SecureContext, deviceId: string): Promise<BenchDevice> {
    const { hostName, mqttPort: port, deviceKey: key } = address
    const token = signSas({ sr: encodeURIComponent(`${hostName}/devices/${deviceId}`), se: inOneHour(), key })
    const socket = connect({ host: '127.0.0.1', port, secureContext, servername: hostName })
    socket.setNoDelay(true)
    await once(socket, 'secureConnect')
    const device = new BenchDevice(socket)
    const username = `${hostName}/${deviceId}/?api-version=2021-04-12`
    device.#send({
      cmd: 'connect',
      clientId: deviceId,
      clean: false,
      keepalive: 0,
      username,
      password: Buffer.from(token),
    })
    device.#send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: ['$iothub/twin/res/#', '$iothub/methods/POST/#'].map(topic => ({ topic, qos: 0 }) as const),
    })
    await device.readTwin()
    return device
  }

  async readTwin(): Promise<void> {
    const read = new Promise<void>(resolve => {
      this.#twinRead = resolve
    })
    this.#publish('$iothub/twin/GET/?$rid=1', ' ')
    await read
  }

  close(): void {
    this.#socket.destroy()
  }

  #received(packet: Packet): void {
    if (packet.cmd === 'connack' && packet.returnCode !== 0) throw new Error(`CONNACK ${packet.returnCode}`)
    if (packet.cmd !== 'publish') return
    if (packet.topic.startsWith('$iothub/twin/res/200/')) this.#twinRead()
    else this.#publish(packet.topic.replace(/POST\/[^/]*/, 'res/200'), packet.payload.toString())
  }

  #publish(topic: string, payload: string): void {
    this.#send({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })
  }

  #send(packet: Packet): void {
    this.#socket.write(generate(packet))
  }
}
