import type { JsonObject } from '@iothub-dm/protocol'
import type { Clock } from '../clock/clock.ts'
import { delay } from '../clock/delay.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { HubCallOptions, QueryCalls, QueryPage } from '../hub/iot-hub.ts'
import { followPages } from './follow-pages.ts'
import type { PageOptions } from './paged.ts'

/** Longest text of a query, in characters (wire reference 5). */
export const maxQueryLength = 8_192
const maxThrottledTries = 6
const throttledDelayInMs = 10_000

/** What {@link readPages} works with. */
export interface ReadPagesOptions extends PageOptions, HubCallOptions {}

/**
 * Reads the pages of a query, one after the other, as they are asked for. When the hub is asked too often, which on the smallest tier
 * is 20 times a minute, it waits and goes on where it was.
 *
 * @throws RangeError when the text is longer than the hub takes
 * @throws HubError when a page cannot be read
 */
export async function* readPages(
  hub: QueryCalls,
  clock: Clock,
  text: string,
  options: ReadPagesOptions = {},
): AsyncGenerator<readonly JsonObject[], void, undefined> {
  if (text.length > maxQueryLength) {
    throw new RangeError(`query: expected at most ${maxQueryLength} characters, got ${text.length}`)
  }
  yield* followPages(continuation => readPage(hub, clock, text, options, continuation))
}

async function readPage(
  hub: QueryCalls,
  clock: Clock,
  text: string,
  options: ReadPagesOptions,
  continuation: string | undefined,
): Promise<QueryPage> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await hub.query(text, { ...options, continuation })
    } catch (error) {
      if (!isHubError(error, 'Throttled') || tries === maxThrottledTries) throw error
      await delay(clock, error.retryAfterInMs ?? throttledDelayInMs, options.abortSignal)
    }
  }
}
