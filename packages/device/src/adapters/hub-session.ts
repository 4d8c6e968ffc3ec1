import { isIotHubDmError, type JsonObject } from '@iothub-dm/protocol'
import type { Clock } from '../connection/clock.ts'
import { HubConnectionError } from '../connection/errors.ts'
import type { DeviceTwin, HubCallOptions, HubConnectionListener, MethodCall } from '../connection/hub-connection.ts'
import { connectFailure } from './connect-failure.ts'
import { methodAnswerTopic, parseHubTopic, subscriptions } from './hub-topics.ts'
import { type EncodedMethodAnswer, encodeMethodAnswer, failedMethodAnswer } from './method-answer.ts'
import type { MqttConnection } from './mqtt-connection.ts'
import { watchPings } from './ping-watch.ts'
import { TwinChannel } from './twin-channel.ts'
import { parseDesiredPatch } from './twin-documents.ts'

/** What a {@link HubSession} tells its owner. */
export interface HubSessionListener extends Pick<HubConnectionListener, 'onMethod' | 'onDesired'> {
  /** The hub has accepted the connection and all subscriptions. */
  onReady(): void
  /** The MQTT connection is of no use any more; told once. Not told when the SDK replaces it to renew the SAS token. */
  onEnd(reason: HubConnectionError): void
}

/** Settings of a {@link HubSession}. */
export interface HubSessionOptions {
  /** Host and port, for messages. */
  readonly hub: string
  readonly clock: Clock
  /** Longest wait until the session is ready, in milliseconds. */
  readonly connectTimeoutInMs: number
  /** Longest wait for the answer to a ping, in milliseconds. */
  readonly pingTimeoutInMs: number
  /** Longest wait for an answer of the hub unless a call says otherwise, in milliseconds. */
  readonly requestTimeoutInMs: number
}

/**
 * One MQTT connection, from CONNECT to its end, with all that belongs to it: subscriptions, twin requests and the
 * answers to direct methods. Works on the mqtt.js client itself, since the SDK's own handlers lose what the hub says
 * (traps 15, 20-38).
 */
export class HubSession {
  readonly #connection: MqttConnection
  readonly #listener: HubSessionListener
  readonly #options: HubSessionOptions
  readonly #twin: TwinChannel
  readonly #cancelDeadline: () => void
  #ready = false
  #ended = false

  constructor(connection: MqttConnection, listener: HubSessionListener, options: HubSessionOptions) {
    this.#connection = connection
    this.#listener = listener
    this.#options = options
    this.#twin = new TwinChannel((topic, body) => this.#publish(topic, body), options.clock)
    const { client } = connection
    client.on('connect', () => this.#subscribe())
    client.on('message', (topic, body) => this.#receive(topic, body))
    client.on('error', error => this.#fail(this.#ready ? lost(error.message) : connectFailure(error, options.hub)))
    client.on('close', () => this.#onClose())
    watchPings(connection.client, options.pingTimeoutInMs, options.clock, () => this.#fail(lost('no answer to a ping')))
    // The SDK waits 60 s for the CONNACK and for ever for a SUBACK (trap 12).
    this.#cancelDeadline = options.clock.setTimeout(
      () => this.#fail(this.#unavailable(`gave no session within ${options.connectTimeoutInMs} ms`)),
      options.connectTimeoutInMs,
    )
  }

  /** Reads the twin. */
  readTwin(options: HubCallOptions = {}): Promise<DeviceTwin> {
    return this.#answered(this.#twin.read(options.timeoutInMs ?? this.#options.requestTimeoutInMs))
  }

  /** Sends a merge patch of the reported properties; returns their new version. */
  updateReported(patch: JsonObject, options: HubCallOptions = {}): Promise<number> {
    return this.#answered(this.#twin.report(patch, options.timeoutInMs ?? this.#options.requestTimeoutInMs))
  }

  /** Ends the session without a word to the listener: what is pending is rejected, answers are dropped. */
  end(reason: HubConnectionError): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancelDeadline()
    this.#twin.end(reason)
  }

  /** A hub that answers pings and no requests has lost the subscriptions: methods do not come either, until a new session subscribes. */
  async #answered<TAnswer>(answer: Promise<TAnswer>): Promise<TAnswer> {
    try {
      return await answer
    } catch (error) {
      if (isIotHubDmError(error, 'HubTimeout')) this.#fail(lost('the hub left a request without an answer'))
      throw error
    }
  }

  #fail(reason: HubConnectionError): void {
    if (this.#ended) return
    this.end(reason)
    this.#listener.onEnd(reason)
  }

  #onClose(): void {
    // Only the SDK ends a client in good order, to open another one with a new token.
    if (this.#connection.client.disconnecting) this.end(lost('the SAS token is renewed'))
    else this.#fail(this.#ready ? lost('the hub or the network closed it') : this.#unavailable('closed the connection'))
  }

  /** Subscribes in every session anew: the hub may have lost what it kept, and only it knows (traps 9, 16, 21). */
  #subscribe(): void {
    this.#connection.client.subscribe([...subscriptions], { qos: 0 }, (error, granted) => {
      if (this.#ended) return
      // mqtt.js takes a refused subscription for a success (trap 15).
      const refused = granted?.find(({ qos }) => qos >= 0x80)
      if (error) return this.#fail(this.#unavailable(`did not take the subscriptions: ${error.message}`))
      if (refused !== undefined) return this.#fail(this.#unavailable(`refused the subscription to ${refused.topic}`))
      this.#ready = true
      this.#cancelDeadline()
      this.#listener.onReady()
    })
  }

  #receive(topic: string, body: Uint8Array): void {
    if (this.#ended) return
    const parsed = parseHubTopic(topic)
    switch (parsed?.kind) {
      case 'method':
        void this.#answer({ methodName: parsed.methodName, requestId: parsed.requestId, payload: body })
        break
      case 'twinAnswer':
        this.#twin.receive({ ...parsed, body })
        break
      case 'desired':
        this.#desired(body, parsed.version)
        break
      case undefined:
        break
    }
  }

  #desired(body: Uint8Array, topicVersion: number | undefined): void {
    const desired = parseDesiredPatch(body, topicVersion)
    if (desired !== undefined) {
      this.#listener.onDesired(desired.patch, desired.version)
      return
    }
    // A patch that cannot be read is a change that would be missed: a new session reads the whole twin.
    this.#fail(
      new HubConnectionError('InvalidHubAnswer', 'the hub sent a patch of the desired properties that is no JSON'),
    )
  }

  async #answer(call: MethodCall): Promise<void> {
    const { status, body } = await this.#handle(call)
    // The hub has given up a call whose session is gone (trap 38).
    if (!this.#ended && !this.#connection.client.disconnecting)
      this.#publish(methodAnswerTopic(status, call.requestId), body)
  }

  async #handle(call: MethodCall): Promise<EncodedMethodAnswer> {
    try {
      return encodeMethodAnswer(await this.#listener.onMethod(call))
    } catch {
      return failedMethodAnswer()
    }
  }

  #publish(topic: string, body: string): void {
    const { client } = this.#connection
    if (this.#ended || client.disconnecting) throw lost('it is ending')
    // Without a callback: mqtt.js would hang each one of a burst on the socket's `drain` event (trap 19).
    client.publish(topic, body, { qos: 0 })
  }

  #unavailable(what: string): HubConnectionError {
    return new HubConnectionError('HubUnavailable', `${this.#options.hub} ${what}`)
  }
}

function lost(how: string): HubConnectionError {
  return new HubConnectionError('ConnectionLost', `the connection to the hub was lost: ${how}`)
}
