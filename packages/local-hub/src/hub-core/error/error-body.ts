import { formatHubTime } from '../clock/hub-time.ts'
import type { JsonObject } from '../json/json.ts'
import type { HubError } from './hub-error.ts'

/** When and under which id an error is reported. */
export interface ErrorOccurrence {
  readonly trackingId: string
  readonly timeInMs: number
}

/** The body of a REST error in the form the error asks for (wire reference 2.6). */
export function restErrorBody(error: HubError, occurrence: ErrorOccurrence): JsonObject {
  switch (error.form) {
    case 'text':
      return {
        Message: `ErrorCode:${error.code};${error.message}`,
        ExceptionMessage: `Tracking ID:${trackingText(occurrence)}`,
      }
    case 'numeric':
      return numericErrorBody(error, occurrence)
    case 'nested':
      return {
        Message: JSON.stringify({ ...numericErrorBody(error, occurrence), info: error.info }),
        ExceptionMessage: '',
      }
  }
}

/** The flat body: shape 2 of wire reference 2.6, and the body of a refused twin request over MQTT (1.15). */
export function numericErrorBody(error: HubError, occurrence: ErrorOccurrence): JsonObject {
  return {
    errorCode: error.number,
    trackingId: trackingText(occurrence),
    message: error.message,
    timestampUtc: formatHubTime(occurrence.timeInMs),
  }
}

function trackingText({ trackingId, timeInMs }: ErrorOccurrence): string {
  return `${trackingId}-G:0-TimeStamp:${formatHubTime(timeInMs)}`
}
