import { EventEmitter, once } from 'node:events'
import type { JsonObject } from '@iothub-dm/protocol'
import type { HubConnectionListener, MethodAnswer, MethodCall } from '../src/connection/hub-connection.ts'

/** What a {@link RecordingListener} was told. */
export type RecordedEvent =
  | { readonly type: 'session' }
  | { readonly type: 'lost'; readonly reason: Error }
  | { readonly type: 'attemptFailed'; readonly reason: Error; readonly retryInMs: number }
  | { readonly type: 'desired'; readonly patch: JsonObject; readonly version: number }

/** A listener that keeps what it is told until a test takes it. Test support. */
export class RecordingListener implements HubConnectionListener {
  /** What was told and not yet taken. */
  readonly events: RecordedEvent[] = []
  /** Methods that were called, with their payloads as text. */
  readonly calls: { readonly methodName: string; readonly payload: string }[] = []
  readonly #answer: (call: MethodCall) => Promise<MethodAnswer>
  readonly #told: EventEmitter = new EventEmitter()

  constructor(answer: (call: MethodCall) => Promise<MethodAnswer> = async () => ({ status: 200, payload: null })) {
    this.#answer = answer
  }

  onMethod(call: MethodCall): Promise<MethodAnswer> {
    this.calls.push({ methodName: call.methodName, payload: new TextDecoder().decode(call.payload) })
    return this.#answer(call)
  }

  onSession(): void {
    this.#record({ type: 'session' })
  }

  onLost(reason: Error): void {
    this.#record({ type: 'lost', reason })
  }

  onAttemptFailed(reason: Error, retryInMs: number): void {
    this.#record({ type: 'attemptFailed', reason, retryInMs })
  }

  onDesired(patch: JsonObject, version: number): void {
    this.#record({ type: 'desired', patch, version })
  }

  /** Takes the first event of a type that has not been taken yet; waits for it. */
  async take<TType extends RecordedEvent['type']>(type: TType): Promise<Extract<RecordedEvent, { type: TType }>> {
    for (;;) {
      const index = this.events.findIndex(event => event.type === type)
      const [event] = index < 0 ? [] : this.events.splice(index, 1)
      if (isOfType(event, type)) return event
      await once(this.#told, 'told')
    }
  }

  #record(event: RecordedEvent): void {
    this.events.push(event)
    this.#told.emit('told')
  }
}

function isOfType<TType extends RecordedEvent['type']>(
  event: RecordedEvent | undefined,
  type: TType,
): event is Extract<RecordedEvent, { type: TType }> {
  return event?.type === type
}
