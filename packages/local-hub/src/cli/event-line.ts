import type { HubEvent } from '../hub-core/event/hub-event.ts'
import { escapeText } from './escape-text.ts'

/** What is worth a word in a log. Payloads, properties and whatever may be secret are not. */
const shownMembers = [
  'method',
  'path',
  'deviceId',
  'moduleId',
  'client',
  'subscription',
  'methodName',
  'configurationId',
  'jobId',
  'operation',
  'version',
  'messageId',
  'fault',
  'what',
  'outcome',
  'reason',
  'code',
  'status',
] as const

/** The line that a log shows for an event of the hub. */
export function eventLine(event: HubEvent, timeInMs: number): string {
  const members = new Map(Object.entries(event))
  const words = shownMembers.flatMap(name => {
    const value: unknown = members.get(name)
    return typeof value === 'string' || typeof value === 'number' ? [`${name}=${escapeText(String(value))}`] : []
  })
  const duration = event.type === 'requestAnswered' ? [`${event.durationInMs.toFixed(1)} ms`] : []
  return [new Date(timeInMs).toISOString(), event.type, ...words, ...duration].join(' ')
}
