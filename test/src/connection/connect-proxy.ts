import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** An HTTP proxy that knows CONNECT alone. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string
  /** Where clients wanted to go, `host:port`. */
  readonly requests: readonly string[]
  /** Answers so from now on; undefined to let through. */
  readonly refuse: (status: number | undefined) => void
  /** Resolves when nobody is connected. */
  readonly emptied: () => Promise<void>
}

/** Starts a proxy on loopback. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const requests: string[] = []
  const tunnels = new Set<Duplex>()
  let refusal: number | undefined
  const server = createServer()
  server.on('connect', (request, client: Socket) => {
    client.on('error', () => {})
    tunnels.add(client)
    client.on('close', () => {
      tunnels.delete(client)
      server.emit('emptied')
    })
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    requests.push(request.url ?? '')
    const { hostname, port } = new URL(`tcp://${request.url}`)
    const hub = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      hub.pipe(client).pipe(hub)
    })
    hub.on('error', () => client.destroy())
    client.on('close', () => hub.destroy())
    hub.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    refuse: status => {
      refusal = status
    },
    async emptied() {
      while (tunnels.size > 0) await once(server, 'emptied')
    },
    async [Symbol.asyncDispose]() {
      for (const tunnel of tunnels) tunnel.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
