import type { Clock } from '../../hub-core/clock/clock.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import type { ClientChannel } from '../client-channel.ts'
import { MqttClient } from './mqtt-client.ts'

/** Takes the MQTT clients of every listener. */
export class MqttGateway {
  readonly #core: HubCore
  readonly #clock: Clock

  constructor(core: HubCore, clock: Clock) {
    this.#core = core
    this.#clock = clock
  }

  /** Serves a client until it is gone. */
  serve(channel: ClientChannel): void {
    // It lives as long as its stream, which holds on to it.
    // oxlint-disable-next-line no-new
    new MqttClient(this.#core, this.#clock, channel)
  }
}
