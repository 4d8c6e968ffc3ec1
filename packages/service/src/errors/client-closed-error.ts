import { IotHubDmError } from '@iothub-dm/protocol'

/** Thrown by every call of a client that was closed, and by the waits that were under way. Operations on devices go on. */
export class ClientClosedError extends IotHubDmError<'ClientClosed'> {
  override readonly name = 'ClientClosedError'

  constructor() {
    super('ClientClosed', 'the fleet client is closed')
  }
}
