/** Which outcomes of a message its sender is told by feedback. */
export const acknowledgementModes = ['none', 'positive', 'negative', 'full'] as const

/** Which outcomes of a message its sender is told by feedback. */
export type AcknowledgementMode = (typeof acknowledgementModes)[number]

/** A cloud-to-device message as the hub keeps it (wire reference 1.14, 1.19). */
export interface CloudToDeviceMessage {
  readonly payload: Uint8Array
  readonly messageId: string
  /** The address it was sent to: `/devices/{id}/messages/devicebound`. */
  readonly to: string
  readonly correlationId: string | undefined
  readonly userId: string | undefined
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly acknowledgement: AcknowledgementMode
  /** The properties of the application. */
  readonly properties: Readonly<Record<string, string>>
  /** Counts the messages of the hub. */
  readonly sequenceNumber: number
  /** Milliseconds since 1970. */
  readonly enqueuedAt: number
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** The generation of the device it was sent to. */
  readonly deviceGenerationId: string
}

/** A message handed to a device, which must settle it by its lock. */
export interface LockedMessage extends CloudToDeviceMessage {
  readonly lockToken: string
  /** How often it was delivered before. */
  readonly deliveryCount: number
}

/** How the life of a message ended. */
export type MessageOutcome = 'completed' | 'rejected' | 'expired' | 'deliveryCountExceeded' | 'purged' | 'deviceDeleted'

/** A message whose life has ended. */
export interface SettledMessage {
  readonly deviceId: string
  readonly message: CloudToDeviceMessage
  readonly outcome: MessageOutcome
}
