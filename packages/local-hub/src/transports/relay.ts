import type { Socket } from 'node:net'
import type { Cut, WatchedLink } from '../hub-core/faults/byte-faults.ts'
import type { FaultDirection } from '../hub-core/faults/packet-faults.ts'

/** Carries bytes between a client and the hub, until one of them ends the connection or the link is cut. */
export function relay(client: Socket, hub: Socket, link: WatchedLink): void {
  client.setNoDelay(true)
  hub.setNoDelay(true)
  hub.on('error', () => {})
  const cut = (manner: Cut['manner']): void => {
    endSocket(client, manner)
    endSocket(hub, manner)
  }
  pump(client, hub, 'toHub', link, cut)
  pump(hub, client, 'toDevice', link, cut)
}

function pump(
  from: Socket,
  to: Socket,
  direction: FaultDirection,
  link: WatchedLink,
  cut: (manner: Cut['manner']) => void,
): void {
  from.on('data', (bytes: Buffer) => {
    if (to.destroyed) return
    const end = link.pass(direction, bytes.length)
    if (end === undefined) {
      if (!to.write(bytes)) from.pause()
      return
    }
    from.removeAllListeners('data')
    to.write(bytes.subarray(0, end.passingBytes), () => cut(end.manner))
  })
  to.on('drain', () => from.resume())
  from.on('end', () => to.end())
  from.on('close', (hadError: boolean) => endSocket(to, hadError ? 'rst' : 'fin'))
  from.resume()
}

function endSocket(socket: Socket, manner: Cut['manner']): void {
  if (socket.destroyed) return
  if (manner === 'rst') socket.resetAndDestroy()
  else socket.destroySoon()
}
