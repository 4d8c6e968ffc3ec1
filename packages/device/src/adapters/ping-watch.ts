import type { MqttClient } from 'mqtt'
import { type Clock, noTimeout } from '../connection/clock.ts'

/**
 * Watches for the answers to the client's pings. mqtt.js itself notices a missing one only when the next ping is due.
 *
 * @param timeoutInMs longest wait for an answer
 * @param onSilence is called when an answer did not come in time
 */
export function watchPings(client: MqttClient, timeoutInMs: number, clock: Clock, onSilence: () => void): void {
  let cancel = noTimeout
  client.on('packetsend', packet => {
    if (packet.cmd !== 'pingreq') return
    cancel()
    cancel = clock.setTimeout(onSilence, timeoutInMs)
  })
  client.on('packetreceive', packet => {
    if (packet.cmd === 'pingresp') cancel()
  })
  client.on('close', () => cancel())
}
