import type { CloudToDeviceMessage, LockedMessage } from '../cloud-to-device/cloud-to-device-message.ts'
import type { FeedbackBatch } from '../cloud-to-device/feedback-queue.ts'
import { type MessageRequest, validateMessage } from '../cloud-to-device/message-request.ts'
import type { HubState } from '../hub-state.ts'
import { deviceKey } from '../identity/identity-key.ts'
import type { DeviceConnection } from '../session/device-connection.ts'

/**
 * Messages from the service to a device: queued, delivered under a lock, and settled by the device. A device that is subscribed
 * gets them at once; one that comes by HTTP asks for them.
 */
export class CloudToDeviceCommands {
  readonly #state: HubState

  constructor(state: HubState) {
    this.#state = state
  }

  /**
   * Queues a message for a device.
   *
   * @returns the id of the message.
   * @throws HubError 404 for an unknown device, 403 when its queue is full, 413 or 400 for a message that breaks a limit.
   */
  send(deviceId: string, request: MessageRequest): string {
    const { queues, events } = this.#state
    const message = this.#newMessage(deviceId, request)
    queues.open(deviceId).add(message)
    events.emit({ type: 'cloudToDeviceEnqueued', deviceId, messageId: message.messageId })
    this.#deliverWaiting(deviceId)
    return message.messageId
  }

  /** Hands a subscribed connection every message that nobody holds. */
  deliver(connection: DeviceConnection): void {
    const queue = this.#state.queues.of(connection.identity)
    for (;;) {
      const message = queue.lockNext({ token: this.#newToken(), holder: connection })
      if (message === undefined) return
      connection.sendCloudToDeviceMessage(message)
    }
  }

  /** Gives back what a connection that is gone has not settled. */
  connectionLost(connection: DeviceConnection): void {
    this.#state.queues.of(connection.identity).releaseHeldBy(connection)
  }

  /** Hands out the oldest waiting message to a device that asks for one; undefined when there is none. */
  receive(deviceId: string, lockTimeoutInMs: number): LockedMessage | undefined {
    this.#state.identities.get(deviceId)
    this.#state.sessions.touch(deviceKey(deviceId))
    const timeout = { inMs: lockTimeoutInMs, onRelease: () => this.#deliverWaiting(deviceId) }
    return this.#state.queues.of(deviceId).lockNext({ token: this.#newToken(), timeout })
  }

  /** The device has dealt with the message. @throws HubError 412 when the lock is lost. */
  complete(deviceId: string, lockToken: string): void {
    this.#state.queues.of(deviceId).settle(lockToken, 'completed')
  }

  /** The device will not deal with the message. @throws HubError 412 when the lock is lost. */
  reject(deviceId: string, lockToken: string): void {
    this.#state.queues.of(deviceId).settle(lockToken, 'rejected')
  }

  /** The device wants the message again. @throws HubError 412 when the lock is lost. */
  abandon(deviceId: string, lockToken: string): void {
    this.#state.queues.of(deviceId).abandon(lockToken)
    this.#deliverWaiting(deviceId)
  }

  /**
   * Drops every message that waits for a device.
   *
   * @returns how many there were.
   * @throws HubError 404 for an unknown device.
   */
  purge(deviceId: string): number {
    this.#state.identities.get(deviceId)
    return this.#state.queues.of(deviceId).clear('purged')
  }

  /** Hands out the feedback that waits for the service; undefined when there is none. */
  receiveFeedback(): FeedbackBatch | undefined {
    return this.#state.feedback.receive(this.#newToken())
  }

  /** @throws HubError 412 when the lock is lost. */
  completeFeedback(lockToken: string): void {
    this.#state.feedback.complete(lockToken)
  }

  /** @throws HubError 412 when the lock is lost. */
  abandonFeedback(lockToken: string): void {
    this.#state.feedback.abandon(lockToken)
  }

  /** A device that is connected and subscribed gets what nobody holds, also what came back to the queue. */
  #deliverWaiting(deviceId: string): void {
    const subscriber = this.#state.sessions.subscriberOf(deviceKey(deviceId), 'cloudToDeviceMessages')
    if (subscriber !== undefined) this.deliver(subscriber)
  }

  #newMessage(deviceId: string, request: MessageRequest): CloudToDeviceMessage {
    const { identities, queues, clock, random } = this.#state
    const { generationId } = identities.get(deviceId)
    const { timeToLiveInMs, ...valid } = validateMessage(request)
    const enqueuedAt = clock.now()
    return {
      ...valid,
      messageId: valid.messageId ?? random(16).toString('hex'),
      to: `/devices/${encodeURIComponent(deviceId)}/messages/devicebound`,
      correlationId: valid.correlationId,
      userId: valid.userId,
      contentType: valid.contentType,
      contentEncoding: valid.contentEncoding,
      sequenceNumber: queues.nextSequenceNumber(),
      enqueuedAt,
      expiresAt: enqueuedAt + timeToLiveInMs,
      deviceGenerationId: generationId,
    }
  }

  /** A lock token in the form of a UUID. */
  #newToken(): string {
    const hex = this.#state.random(16).toString('hex')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }
}
