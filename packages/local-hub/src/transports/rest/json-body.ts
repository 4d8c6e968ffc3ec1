import { HubError } from '../../hub-core/error/hub-error.ts'
import { formatJson } from '../../hub-core/json/format-json.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { parseJson } from '../../hub-core/json/parse-json.ts'
import type { RestServer } from './rest-server.ts'

/** Reads every body as JSON, whatever its content type says, and writes answers as JSON. No body reads as undefined. */
export function addJsonBodies(server: RestServer): void {
  server.setReplySerializer(formatJson)
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseBody(body.toString()))
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

function parseBody(text: string): JsonValue | undefined {
  if (text === '') return undefined
  try {
    return parseJson(text)
  } catch {
    throw new HubError('IotHubFormatError', 'The request body is not JSON, or nested too deep.')
  }
}
