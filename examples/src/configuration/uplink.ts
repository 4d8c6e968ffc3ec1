import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream'

/** The way of a device to the hub: a modem, which the device's own settings can cut off. */
export interface Uplink extends AsyncDisposable {
  readonly endpoint: { readonly host: string; readonly port: number }
  /** Down: every connection ends, and none comes through. */
  set: (up: boolean) => void
}

/** Opens the way to a hub. */
export async function openUplink(hub: { readonly host: string; readonly port: number }): Promise<Uplink> {
  const sockets = new Set<Socket>()
  let isUp = true
  const server = createServer(device => {
    if (!isUp) {
      device.destroy()
      return
    }
    const toHub = connect(hub)
    for (const socket of [device, toHub]) sockets.add(socket.on('close', () => sockets.delete(socket)))
    pipeline(device, toHub, device, () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the uplink has no port')
  const set = (up: boolean): void => {
    isUp = up
    if (!up) for (const socket of sockets) socket.destroy()
  }
  return {
    endpoint: { host: '127.0.0.1', port: address.port },
    set,
    async [Symbol.asyncDispose]() {
      set(false)
      server.close()
      await once(server, 'close')
    },
  }
}
