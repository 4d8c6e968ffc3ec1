import { EventEmitter } from 'node:events'
import type { IClientPublishOptions, IClientSubscribeOptions, MqttClient } from 'mqtt'

/** Direct methods are the agent's: one that two answer is answered wrongly. */
const methodTopic = '$iothub/methods/'

/** What a {@link SharedMqttClient} tells of. */
export interface SharedMqttClientListener {
  readonly subscribed: (filter: string, qos: 0 | 1 | 2) => void
  readonly unsubscribed: (filter: string) => void
  readonly ended: () => void
}

/** The part of an mqtt.js client that the SDK uses, on a connection that belongs to somebody else. */
export class SharedMqttClient extends EventEmitter {
  readonly #listener: SharedMqttClientListener
  readonly #receive = (topic: string, payload: Buffer): void => {
    if (!topic.startsWith(methodTopic)) this.emit('message', topic, payload)
  }
  #session: MqttClient | undefined

  constructor(listener: SharedMqttClientListener) {
    super()
    this.#listener = listener
  }

  /** There is a session: the client is connected. */
  attach(session: MqttClient): void {
    if (this.#session !== undefined) return
    this.#session = session
    session.on('message', this.#receive)
    this.emit('connect', { cmd: 'connack', returnCode: 0, sessionPresent: false })
  }

  /** The session is over: the client has lost its connection. One that waits for a session goes on waiting. */
  detach(): void {
    if (this.#session === undefined) return
    this.#release()
    this.emit('close')
  }

  publish(
    topic: string,
    payload: string | Buffer,
    options: IClientPublishOptions,
    done: (error?: Error) => void,
  ): void {
    if (this.#session === undefined) done(notConnected())
    else this.#session.publish(topic, payload, options, done)
  }

  subscribe(
    filter: string,
    options: IClientSubscribeOptions,
    done: (error: Error | null, granted?: unknown) => void,
  ): void {
    this.#listener.subscribed(filter, options.qos)
    if (this.#session === undefined) done(notConnected())
    else this.#session.subscribe(filter, options, done)
  }

  unsubscribe(filter: string, done: (error?: Error) => void): void {
    this.#listener.unsubscribed(filter)
    // The agent lives on what it has subscribed to.
    if (filter.startsWith('$iothub/') || this.#session === undefined) done()
    else this.#session.unsubscribe(filter, done)
  }

  end(_force: boolean, done?: () => void): void {
    this.#release()
    if (done !== undefined) setImmediate(done)
  }

  #release(): void {
    this.#session?.off('message', this.#receive)
    this.#session = undefined
    this.#listener.ended()
  }
}

function notConnected(): Error {
  return Object.assign(new Error('the agent has no session with the hub'), { name: 'NotConnectedError' })
}
