import type { IConnectPacket } from 'mqtt-packet'
import type { ClientCertificate } from '../../hub-core/auth/client-certificate.ts'
import type { CancelTimeout, Clock } from '../../hub-core/clock/clock.ts'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { identityName } from '../../hub-core/identity/identity-key.ts'
import type { CloseReason } from '../../hub-core/session/device-connection.ts'
import type { ClientChannel } from '../client-channel.ts'
import { ConnectedDevice } from './connected-device.ts'
import { type Admission, admitDevice } from './device-admission.ts'
import { MqttConnection } from './mqtt-connection.ts'
import type { ClientPacket } from './protocol/client-packet.ts'
import { KeepAlive } from './protocol/keep-alive.ts'
import { type PacketHandler, PacketStream } from './protocol/packet-stream.ts'

/** How long a client may take to send CONNECT. */
const connectTimeoutInMs = 30_000

/** How many packets a client may send while the hub has not answered its CONNECT. */
const maxEarlyPackets = 100

const returnCode = { accepted: 0, unacceptableProtocolVersion: 1, serverUnavailable: 3, notAuthorized: 5 } as const

/** One MQTT client, from the first byte to the last: nobody until its CONNECT is accepted, a device or module from then on. */
export class MqttClient implements PacketHandler {
  readonly #core: HubCore
  readonly #clock: Clock
  readonly #certificate: ClientCertificate | undefined
  readonly #packets: PacketStream
  readonly #cancelConnectTimeout: CancelTimeout
  #keepAlive: KeepAlive | undefined
  #device: ConnectedDevice | undefined
  /** What came after CONNECT while the hub had not accepted it yet. */
  #early: ClientPacket[] | undefined

  constructor(core: HubCore, clock: Clock, { certificate, ...channel }: ClientChannel) {
    this.#core = core
    this.#clock = clock
    this.#certificate = certificate
    this.#packets = new PacketStream(channel, { clock, faults: core.faults.packets, handler: this })
    this.#cancelConnectTimeout = clock.setTimeout(() => this.#packets.end('tooSlow'), connectTimeoutInMs)
  }

  received(packet: ClientPacket): void {
    this.#keepAlive?.touch()
    if (this.#device !== undefined) this.#device.received(packet)
    else if (this.#early !== undefined) this.#keepForLater(packet, this.#early)
    else if (packet.cmd === 'connect') this.#connect(packet)
    else this.#packets.end('protocolViolation')
  }

  ended(reason: CloseReason): void {
    this.#cancelConnectTimeout()
    this.#keepAlive?.stop()
    this.#device?.ended(reason)
  }

  #connect(packet: IConnectPacket): void {
    this.#cancelConnectTimeout()
    const { clientId, username: userName, password, will } = packet
    if (packet.protocolVersion !== 4) {
      this.#refuse(returnCode.unacceptableProtocolVersion)
      return
    }
    // An empty password is none.
    const credential = password?.toString() || this.#certificate
    const admission = admitDevice(this.#core, { clientId, userName, credential, will })
    if (admission === undefined) {
      this.#refuse(returnCode.notAuthorized)
      return
    }
    this.#packets.identify(admission.key)
    this.#acceptInTurn(packet, admission).catch((error: unknown) => {
      if (error instanceof HubError) this.#refuse(returnCode.serverUnavailable)
      else this.#packets.fail(error)
    })
  }

  #keepForLater(packet: ClientPacket, early: ClientPacket[]): void {
    if (early.length < maxEarlyPackets) early.push(packet)
    else this.#packets.end('throttled')
  }

  /** New connections are limited like everything else. */
  async #acceptInTurn(packet: IConnectPacket, admission: Admission): Promise<void> {
    const early: ClientPacket[] = []
    this.#early = early
    const { deviceId } = identityName(admission.key)
    await this.#core.operations.begin({ kind: 'deviceConnection', deviceId, requestSizeInBytes: 0 })
    if (!this.#packets.isOpen) return
    this.#accept(packet, admission)
    for (const each of early) this.received(each)
  }

  #accept({ clean: cleanSession = false, keepalive = 0 }: IConnectPacket, admission: Admission): void {
    const { key, modelId, expiresAtInMs, will } = admission
    const connection = new MqttConnection(this.#core, key, this.#packets)
    const sessionPresent = !cleanSession && this.#core.sessions.subscriptionsOf(key).length > 0
    this.#device = new ConnectedDevice(this.#core, connection, this.#packets, will)
    this.#keepAlive = new KeepAlive(this.#clock, keepalive, () => this.#packets.end('keepAliveExpired'))
    this.#packets.send({ cmd: 'connack', returnCode: returnCode.accepted, sessionPresent })
    // After CONNACK, because the hub may have something to send at once.
    this.#core.sessions.connect(connection, { cleanSession, modelId, expiresAtInMs })
  }

  #refuse(code: number): void {
    this.#packets.send({ cmd: 'connack', returnCode: code, sessionPresent: false })
    this.#packets.end('protocolViolation')
  }
}
