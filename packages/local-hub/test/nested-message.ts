import type { JsonObject } from '../src/hub-core/json/json.ts'

/** The object inside the Message of a nested body (wire reference 2.6, shape 3). */
export function nestedMessage({ Message }: JsonObject): unknown {
  return typeof Message === 'string' ? JSON.parse(Message) : undefined
}
