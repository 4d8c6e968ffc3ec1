import type { LocalHub } from '@iothub-dm/local-hub'
import { isJsonObject, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import { AzureDevice, registryOf, serviceClientOf } from '../local-hub/azure-clients.ts'

/**
 * The device of Microsoft's tutorial "Get started with device management (Node.js)", on the unmodified client: it answers the
 * direct method, writes `lastReboot` at once, and pretends to reboot.
 */
export async function openTutorialDevice(hub: LocalHub, deviceId: string): Promise<AzureDevice> {
  const device = await AzureDevice.open(hub, deviceId)
  const { client } = device
  const listening = hub.waitFor('deviceSubscribed', event => event.subscription === 'methods')
  client.onDeviceMethod('reboot', (_request, response) => {
    response.send(200, 'Reboot started', error => {
      if (error) throw error
    })
    const patch = { iothubDM: { reboot: { lastReboot: new Date().toISOString() } } }
    client.getTwin((error, twin) => {
      if (error || twin === undefined) throw error ?? new Error('no twin')
      twin.properties.reported.update(patch, (updateError?: Error) => {
        if (updateError) throw updateError
      })
    })
  })
  await listening
  return device
}

/** The back end of the same tutorial: invokes the method, then looks for `lastReboot` in the twin. */
export class TutorialBackEnd {
  readonly #hub: LocalHub

  constructor(hub: LocalHub) {
    this.#hub = hub
  }

  /** Calls the method as the tutorial does. */
  async startReboot(deviceId: string, payload: JsonValue = null): Promise<unknown> {
    return this.invoke(deviceId, 'reboot', payload)
  }

  /** Calls any method; resolves with the device's status and payload. */
  async invoke(deviceId: string, methodName: string, payload: JsonValue): Promise<unknown> {
    const parameters = { methodName, payload, responseTimeoutInSeconds: 30 }
    const { result } = await serviceClientOf(this.#hub, 'service').invokeDeviceMethod(deviceId, parameters)
    return result
  }

  /** `iothubDM.reboot` of the device's reported properties, as soon as it has `lastReboot`. */
  async queryTwinLastReboot(deviceId: string): Promise<JsonObject> {
    for (;;) {
      const changed = this.#hub.waitFor('reportedChanged', event => event.deviceId === deviceId)
      const { responseBody: twin } = await registryOf(this.#hub).getTwin(deviceId)
      const reboot: unknown = twin.properties.reported.iothubDM?.reboot
      if (isJsonObject(reboot) && reboot.lastReboot !== undefined) return reboot
      await changed
    }
  }
}
