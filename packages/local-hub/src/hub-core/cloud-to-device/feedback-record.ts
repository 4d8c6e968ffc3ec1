import { formatHubTime } from '../clock/hub-time.ts'
import type { JsonObject } from '../json/json.ts'
import type { AcknowledgementMode, MessageOutcome, SettledMessage } from './cloud-to-device-message.ts'

/** What the service is told about an outcome; nothing about messages that went with their device. */
const statusCodes: Readonly<Record<Exclude<MessageOutcome, 'deviceDeleted'>, string>> = {
  completed: 'Success',
  rejected: 'Rejected',
  expired: 'Expired',
  deliveryCountExceeded: 'DeliveryCountExceeded',
  purged: 'Purged',
}

/** The feedback on a settled message, or undefined when its sender did not ask for it (wire reference 9.1). */
export function feedbackRecord(
  { deviceId, message, outcome }: SettledMessage,
  timeInMs: number,
): JsonObject | undefined {
  if (outcome === 'deviceDeleted' || !isWanted(message.acknowledgement, outcome)) return undefined
  return {
    originalMessageId: message.messageId,
    enqueuedTimeUtc: formatHubTime(timeInMs),
    statusCode: statusCodes[outcome],
    description: statusCodes[outcome],
    deviceId,
    deviceGenerationId: message.deviceGenerationId,
  }
}

function isWanted(mode: AcknowledgementMode, outcome: MessageOutcome): boolean {
  return mode === 'full' || mode === (outcome === 'completed' ? 'positive' : 'negative')
}
