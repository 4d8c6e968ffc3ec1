import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { restErrorBody } from '../../hub-core/error/error-body.ts'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'

/** Answers what is not HTTP in the form of all errors, and closes the connection. A failed TLS handshake gets no answer. */
export function createClientErrorReplier(core: HubCore): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  return (error, socket) => {
    const status = statusOf(error.code ?? '')
    if (status === undefined || !socket.writable) {
      socket.destroy()
      return
    }
    const refusal = new HubError('GenericBadRequest', STATUS_CODES[status] ?? '')
    const body = JSON.stringify(restErrorBody(refusal, core.occurrence()))
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `iothub-errorcode: ${refusal.code}`,
    ]
    // Whatever else the client sends is not read: it may be without end.
    socket.end([...head, '', body].join('\r\n'), () => socket.destroy())
  }
}

/** What to answer to an error of the HTTP parser; undefined when nobody is there to read it. */
function statusOf(code: string): number | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  return code.startsWith('HPE_') ? 400 : undefined
}
