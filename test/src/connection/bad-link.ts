import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/** A direction of the link. */
export type LinkDirection = 'toHub' | 'toDevice'

/** What becomes of the bytes of the next connections. Bytes are counted from the TCP connection, those of the TLS handshake too. */
export interface LinkFault {
  readonly direction?: LinkDirection
  /** Ends the connection after so many bytes. */
  readonly cutAfterBytes?: number
  readonly manner?: 'fin' | 'rst'
  /** Lets nothing through after so many bytes, and says nothing. */
  readonly stallAfterBytes?: number
  /** Flips one bit of the byte of this number. */
  readonly flipByte?: number
  /** Passes so many bytes at once. */
  readonly sliceInBytes?: number
  readonly bytesPerSecond?: number
  readonly latencyInMs?: number
}

/** A link between devices and a hub. */
export interface BadLink extends AsyncDisposable {
  readonly endpoint: { readonly host: string; readonly port: number }
  /** Bytes of the newest connection so far. */
  readonly passed: Readonly<Record<LinkDirection, number>>
  /** How many connections there were. */
  readonly connections: () => number
  /** What happens to the next connection, and to no other. Resolves when it has been cut. */
  readonly next: (fault: LinkFault) => Promise<void>
  /** Stalls every connection that there is, in both directions. */
  readonly stallNow: () => void
  /** Ends every connection that there is. */
  readonly cutNow: (manner: 'fin' | 'rst') => void
}

/** Opens a link to a hub; nothing happens on it until it is told. */
export async function openBadLink(hub: { readonly host: string; readonly port: number }): Promise<BadLink> {
  const pairs = new Set<Pair>()
  let fault: LinkFault = {}
  let onCut: (() => void) | undefined
  let count = 0
  let passed: Record<LinkDirection, number> = { toHub: 0, toDevice: 0 }
  const server = createServer({ noDelay: true }, device => {
    count += 1
    passed = { toHub: 0, toDevice: 0 }
    const pair = new Pair(device, connect({ ...hub, noDelay: true }), { fault, onCut: () => onCut?.(), passed })
    fault = {}
    pairs.add(pair)
    device.on('close', () => pairs.delete(pair))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the link has no port')
  return {
    endpoint: { host: '127.0.0.1', port: address.port },
    get passed() {
      return passed
    },
    connections: () => count,
    next: given => {
      fault = given
      return new Promise(resolve => {
        onCut = resolve
      })
    },
    stallNow: () => {
      for (const pair of pairs) pair.stall()
    },
    cutNow: manner => {
      for (const pair of pairs) pair.cut(manner)
    },
    async [Symbol.asyncDispose]() {
      for (const pair of pairs) pair.cut('rst')
      server.close()
      await once(server, 'close')
    },
  }
}

interface PairOptions {
  readonly fault: LinkFault
  readonly onCut: () => void
  readonly passed: Record<LinkDirection, number>
}

/** One connection through the link. */
class Pair {
  readonly #device: Socket
  readonly #hub: Socket
  readonly #pipes: readonly FaultyPipe[]

  constructor(device: Socket, hub: Socket, { fault, onCut, passed }: PairOptions) {
    this.#device = device
    this.#hub = hub
    for (const socket of [device, hub]) socket.on('error', () => this.cut('rst'))
    const pipes = [device, hub].map(from => {
      const direction = from === device ? 'toHub' : 'toDevice'
      const concerned = fault.direction === undefined || fault.direction === direction
      const pipe = new FaultyPipe(concerned ? fault : {}, bytes => {
        passed[direction] = bytes
        if (concerned && fault.cutAfterBytes !== undefined && bytes >= fault.cutAfterBytes) {
          // What has passed is to arrive before the end.
          setImmediate(() => {
            this.cut(fault.manner ?? 'rst')
            onCut()
          })
        }
      })
      from.pipe(pipe).pipe(from === device ? hub : device)
      return pipe
    })
    this.#pipes = pipes
    device.on('close', () => hub.destroy())
    hub.on('close', () => device.destroySoon())
  }

  stall(): void {
    for (const pipe of this.#pipes) pipe.stall()
  }

  cut(manner: 'fin' | 'rst'): void {
    for (const socket of [this.#device, this.#hub]) {
      if (socket.destroyed) continue
      if (manner === 'rst') socket.resetAndDestroy()
      else socket.destroySoon()
    }
  }
}

/** One direction of a connection. */
class FaultyPipe extends Transform {
  readonly #fault: LinkFault
  readonly #onPassed: (bytes: number) => void
  #passed = 0
  #limit: number
  #stalled = false

  constructor(fault: LinkFault, onPassed: (bytes: number) => void) {
    super()
    this.#fault = fault
    this.#onPassed = onPassed
    this.#limit = Math.min(
      fault.cutAfterBytes ?? Number.POSITIVE_INFINITY,
      fault.stallAfterBytes ?? Number.POSITIVE_INFINITY,
    )
  }

  stall(): void {
    this.#stalled = true
  }

  override _transform(chunk: Buffer, _encoding: string, done: () => void): void {
    void this.#pass(Buffer.from(chunk), done)
  }

  async #pass(bytes: Buffer, done: () => void): Promise<void> {
    const { flipByte, sliceInBytes = bytes.length, bytesPerSecond, latencyInMs = 0 } = this.#fault
    if (latencyInMs > 0) await delay(latencyInMs)
    for (let start = 0; start < bytes.length; start += sliceInBytes) {
      const room = Math.max(0, this.#limit - this.#passed)
      const slice = bytes.subarray(start, start + Math.min(sliceInBytes, room))
      if (this.#stalled || slice.length === 0) break
      const index = (flipByte ?? -1) - this.#passed
      if (index >= 0 && index < slice.length) slice[index] = (slice[index] ?? 0) ^ 1
      if (bytesPerSecond !== undefined) await delay((slice.length * 1_000) / bytesPerSecond)
      else if (sliceInBytes < bytes.length) await new Promise(resolve => setImmediate(resolve))
      this.push(slice)
      this.#passed += slice.length
      this.#onPassed(this.#passed)
    }
    done()
  }
}

/** A link takes real time. */
function delay(durationInMs: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, durationInMs))
}
