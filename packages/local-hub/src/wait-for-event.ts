import type { EventStream } from './hub-core/event/event-stream.ts'
import type { HubEvent, HubEventOf, HubEventType } from './hub-core/event/hub-event.ts'

/** Resolves with the next event of a type that matches; rejects when the signal aborts first. */
export function waitForEvent<TType extends HubEventType>(
  events: EventStream,
  type: TType,
  matches: (event: HubEventOf<TType>) => boolean,
  abortSignal: AbortSignal,
): Promise<HubEventOf<TType>> {
  const found = new Promise<HubEventOf<TType>>((resolve, reject) => {
    const stop = (): void => {
      unsubscribe()
      abortSignal.removeEventListener('abort', abort)
    }
    const abort = (): void => {
      stop()
      reject(new Error(`the hub was closed while waiting for '${type}'`))
    }
    const unsubscribe = events.subscribe(event => {
      if (!isOfType(event, type) || !matches(event)) return
      stop()
      resolve(event)
    })
    abortSignal.addEventListener('abort', abort)
    if (abortSignal.aborted) abort()
  })
  // A test that fails before it awaits this must not fail a second time by an unhandled rejection.
  found.catch(() => {})
  return found
}

function isOfType<TType extends HubEventType>(event: HubEvent, type: TType): event is HubEvent & HubEventOf<TType> {
  return event.type === type
}
