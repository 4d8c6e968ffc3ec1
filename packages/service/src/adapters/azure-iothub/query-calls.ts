import type { QueryCalls } from '../../hub/iot-hub.ts'
import { parseQueryPage } from '../../hub/parse-hub-answer.ts'
import type { HubCallSubject } from '../../hub/to-hub-error.ts'
import type { Send } from './send.ts'

/** Queries (wire reference 5). */
export function createQueryCalls(send: Send): QueryCalls {
  return {
    async query(text, { pageSize, continuation, ...bounds } = {}) {
      const subject: HubCallSubject = { description: 'query', effect: 'none' }
      const headers = {
        ...(pageSize === undefined ? {} : { 'x-ms-max-item-count': String(pageSize) }),
        ...(continuation === undefined ? {} : { 'x-ms-continuation': continuation }),
      }
      const call = { method: 'POST', path: '/devices/query', headers, body: { query: text } } as const
      const answer = await send(subject, call, bounds)
      const next = answer.headers['x-ms-continuation']
      return parseQueryPage(subject, answer.body, typeof next === 'string' ? next : undefined)
    },
  }
}
