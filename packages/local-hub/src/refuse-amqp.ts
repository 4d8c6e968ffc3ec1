/** What the official service client asks of its AMQP transport; each ends with a callback. */
const refusedCalls = ['connect', 'send', 'getFeedbackReceiver', 'getFileNotificationReceiver']

/**
 * Makes the AMQP transport of an official `Client` answer every call with an error. Left alone it would look for an AMQP server, and
 * the client would go on trying for minutes.
 */
export function refuseAmqp(transport: object): void {
  for (const name of refusedCalls) {
    const refuse = (...args: readonly unknown[]): void => {
      const callback = args.at(-1)
      if (typeof callback === 'function') callback(amqpNotServed())
    }
    Reflect.set(transport, name, refuse)
  }
}

/** The name tells the official client not to try again. */
function amqpNotServed(): Error {
  const error = new Error(
    'The local hub does not speak AMQP, and IoT Hub sends cloud-to-device messages over nothing else: use hub.sendMessage().',
  )
  error.name = 'NotImplementedError'
  return error
}
