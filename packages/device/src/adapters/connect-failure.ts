import { HubConnectionError } from '../connection/errors.ts'

/**
 * Names why an MQTT connection failed. It reads what mqtt.js itself said: the SDK reports every failure of the first
 * connect as `UnauthorizedError` and every later refusal as `NotConnectedError` (traps 2 and 3).
 *
 * @param error what mqtt.js emitted; its `code` is the return code of the CONNACK, or the code of the socket's error
 * @param hub host and port, for the message
 */
export function connectFailure(error: Error, hub: string): HubConnectionError {
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'number') return refused(code, hub)
  return new HubConnectionError('HubUnavailable', `cannot connect to ${hub}: ${error.message}`)
}

/** Return codes of MQTT 3.1.1, section 3.2.2.3: 2 client id, 4 user name or password, 5 not authorized. */
function refused(returnCode: number, hub: string): HubConnectionError {
  switch (returnCode) {
    case 2:
    case 4:
    case 5:
      return new HubConnectionError('Unauthorized', `${hub} refused the device's credentials (CONNACK ${returnCode})`)
    default:
      return new HubConnectionError('HubUnavailable', `${hub} refused the connection (CONNACK ${returnCode})`)
  }
}
