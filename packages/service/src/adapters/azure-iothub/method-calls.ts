import { checkMethodRequest } from '../../hub/check-arguments.ts'
import type { MethodCalls } from '../../hub/iot-hub.ts'
import { parseMethodResponse } from '../../hub/parse-hub-answer.ts'
import type { HubCallSubject } from '../../hub/to-hub-error.ts'
import { describeAddress } from '../../hub/twin-address.ts'
import type { Send } from './send.ts'
import { twinPath } from './twin-calls.ts'

/** The hub's answer to a method call takes at most its two waits; this is for the way there and back. */
const methodMarginInMs = 10_000

/** Direct methods (wire reference 4). */
export function createMethodCalls(send: Send): MethodCalls {
  return {
    async invokeMethod(address, request, options = {}) {
      checkMethodRequest(request)
      const { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds } = request
      const hubWaitInMs = (connectTimeoutInSeconds + responseTimeoutInSeconds) * 1000
      const subject: HubCallSubject = {
        description: `method '${methodName}' of ${describeAddress(address)}`,
        effect: 'device',
      }
      const { body } = await send(
        subject,
        {
          method: 'POST',
          path: `${twinPath(address)}/methods`,
          body: { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds },
          timeoutInMs: hubWaitInMs + methodMarginInMs,
        },
        options,
      )
      return parseMethodResponse(subject, body)
    },
  }
}
