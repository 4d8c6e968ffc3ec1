import { HubError } from '../error/hub-error.ts'
import { type AcknowledgementMode, acknowledgementModes } from './cloud-to-device-message.ts'

/** A cloud-to-device message as its sender writes it. */
export interface MessageRequest {
  /** Text is sent as UTF-8. */
  readonly payload: string | Uint8Array
  /** At most 128 characters. Default: a random id. */
  readonly messageId?: string | undefined
  readonly correlationId?: string | undefined
  readonly userId?: string | undefined
  readonly contentType?: string | undefined
  readonly contentEncoding?: string | undefined
  /** Which outcomes the hub reports by feedback. Default: `none`. */
  readonly acknowledgement?: AcknowledgementMode | undefined
  /** How long the message may wait for the device, at most two days. Default: one hour. */
  readonly timeToLiveInMs?: number | undefined
  /** The properties of the application. */
  readonly properties?: Readonly<Record<string, string>> | undefined
}

/** The limits of the IoT Hub guide to cloud-to-device messages (wire reference 1.14). */
const maxMessageInBytes = 64 * 1024
const maxTimeToLiveInMs = 48 * 60 * 60 * 1000
const defaultTimeToLiveInMs = 60 * 60 * 1000
const maxIdLength = 128

/** A {@link MessageRequest} that keeps to the limits. */
export interface ValidMessageRequest extends Omit<MessageRequest, 'payload'> {
  readonly payload: Uint8Array
  readonly acknowledgement: AcknowledgementMode
  readonly timeToLiveInMs: number
  readonly properties: Readonly<Record<string, string>>
}

/** @throws HubError 413 for a message over 64 KB, 403 for a time to live out of range, 400 for anything else. */
export function validateMessage(request: MessageRequest): ValidMessageRequest {
  const { acknowledgement = 'none', timeToLiveInMs = defaultTimeToLiveInMs, properties = {} } = request
  const payload = typeof request.payload === 'string' ? new TextEncoder().encode(request.payload) : request.payload
  if (!acknowledgementModes.includes(acknowledgement)) {
    throw new HubError('ArgumentInvalid', `acknowledgement must be one of ${acknowledgementModes.join(', ')}.`)
  }
  if (!(timeToLiveInMs >= 0 && timeToLiveInMs <= maxTimeToLiveInMs)) {
    throw new HubError('InvalidMessageExpiryTime', `The time to live must be within [0; ${maxTimeToLiveInMs}] ms.`)
  }
  for (const id of [request.messageId, request.correlationId, request.userId]) {
    if (id !== undefined && id.length > maxIdLength) {
      throw new HubError('ArgumentInvalid', `The ids of a message must not be longer than ${maxIdLength} characters.`)
    }
  }
  const texts = [request.messageId, request.correlationId, request.userId, request.contentType, request.contentEncoding]
  if (/\p{Surrogate}/u.test([...texts, ...Object.entries(properties).flat()].join(' '))) {
    throw new HubError('ArgumentInvalid', 'The properties of a message must be well-formed Unicode.')
  }
  const size = payload.byteLength + propertiesSize(properties)
  if (size > maxMessageInBytes) {
    throw new HubError('MessageTooLarge', `The message has ${size} bytes; the maximum is ${maxMessageInBytes}.`)
  }
  return { ...request, payload, acknowledgement, timeToLiveInMs, properties }
}

function propertiesSize(properties: Readonly<Record<string, string>>): number {
  return Buffer.byteLength(Object.entries(properties).flat().join(''))
}
