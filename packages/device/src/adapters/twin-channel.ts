import { randomUUID } from 'node:crypto'
import { isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import { type Clock, noTimeout } from '../connection/clock.ts'
import { HubConnectionError, TwinRefusedError } from '../connection/errors.ts'
import type { DeviceTwin } from '../connection/hub-connection.ts'
import { reportTopic, twinReadTopic } from './hub-topics.ts'
import { parseDeviceTwin, parseTwinRefusal } from './twin-documents.ts'

/** The hub's answer to one twin request. */
export interface TwinAnswer {
  readonly requestId: string
  readonly status: number
  /** New version of the reported properties, in the answer to an update. */
  readonly version?: number
  readonly body: Uint8Array
}

/** Publishes a message in the session; throws when the session has ended. */
export type Publish = (topic: string, body: string) => void

interface PendingRequest {
  readonly resolve: (answer: TwinAnswer) => void
  readonly reject: (reason: HubConnectionError) => void
}

/** The twin requests of one session. Each ends with the hub's answer, at its deadline, or with the session. */
export class TwinChannel {
  readonly #publish: Publish
  readonly #clock: Clock
  readonly #pending = new Map<string, PendingRequest>()

  constructor(publish: Publish, clock: Clock) {
    this.#publish = publish
    this.#clock = clock
  }

  /** Reads the twin. */
  async read(timeoutInMs: number): Promise<DeviceTwin> {
    // The hub ignores the body; Azure's clients send one space.
    const answer = await this.#request(twinReadTopic, ' ', timeoutInMs)
    if (answer.status >= 300) throw new TwinRefusedError('TwinReadRefused', parseTwinRefusal(answer))
    return parseDeviceTwin(answer.body)
  }

  /** Sends a merge patch of the reported properties; returns their new version. */
  async report(patch: JsonObject, timeoutInMs: number): Promise<number> {
    if (!isJsonObject(patch)) throw new TypeError('the patch of the reported properties must be an object')
    const answer = await this.#request(reportTopic, JSON.stringify(patch), timeoutInMs)
    if (answer.status >= 300) throw new TwinRefusedError('ReportRefused', parseTwinRefusal(answer))
    if (answer.version === undefined) {
      throw new HubConnectionError('InvalidHubAnswer', 'the hub accepted the reported properties without a version')
    }
    return answer.version
  }

  /** Takes an answer in. One that nobody waits for any more is ignored. */
  receive(answer: TwinAnswer): void {
    this.#pending.get(answer.requestId)?.resolve(answer)
  }

  /** Rejects all that is pending. */
  end(reason: HubConnectionError): void {
    for (const request of this.#pending.values()) request.reject(reason)
  }

  async #request(topicOf: (requestId: string) => string, body: string, timeoutInMs: number): Promise<TwinAnswer> {
    // Unique beyond the session: the hub may publish the answer to an old session's request in this one.
    const requestId = randomUUID()
    let cancelDeadline = noTimeout
    try {
      return await new Promise<TwinAnswer>((resolve, reject) => {
        this.#pending.set(requestId, { resolve, reject })
        cancelDeadline = this.#clock.setTimeout(
          () => reject(new HubConnectionError('HubTimeout', `the hub did not answer within ${timeoutInMs} ms`)),
          timeoutInMs,
        )
        this.#publish(topicOf(requestId), body)
      })
    } finally {
      cancelDeadline()
      this.#pending.delete(requestId)
    }
  }
}
