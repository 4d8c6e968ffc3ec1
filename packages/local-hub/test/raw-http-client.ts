import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import type { Endpoint } from '../src/transports/endpoint.ts'

/** How a connection ended that was told something. */
export interface RawHttpOutcome {
  /** The status of each answer, in order. */
  readonly statuses: readonly number[]
  readonly text: string
}

/** An HTTP client without manners: sends the bytes it is told to, and shows what comes back. */
export class RawHttpClient implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly #socket: TLSSocket
  readonly #ended: Promise<void>
  #text = ''

  private constructor(endpoint: Endpoint, socket: TLSSocket) {
    this.endpoint = endpoint
    this.#socket = socket
    this.#ended = new Promise(resolve => socket.once('close', () => resolve()))
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#text += text
    })
    // A hub that has enough resets the connection: that is an end like any other.
    socket.on('error', () => {})
  }

  /** Opens a TLS connection, no more. */
  static async dial(endpoint: Endpoint, ca: string): Promise<RawHttpClient> {
    const socket = connect({ ...endpoint, ca })
    await once(socket, 'secureConnect')
    return new RawHttpClient(endpoint, socket)
  }

  /** Sends bytes, unless the hub has closed. */
  send(bytes: string | Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  /** What has come back when the hub closes the connection. */
  async outcome(): Promise<RawHttpOutcome> {
    await this.#ended
    return this.received
  }

  /** What has come back so far. */
  get received(): RawHttpOutcome {
    const statuses = [...this.#text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(match => Number(match[1]))
    return { statuses, text: this.#text }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.#ended
  }
}
