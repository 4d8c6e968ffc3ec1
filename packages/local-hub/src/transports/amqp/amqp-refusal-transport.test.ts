import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { type LocalHub, startLocalHub } from '../../index.ts'
import { amqpHeader } from './amqp-frame.ts'

async function dial({ amqpEndpoint, caCertificate }: LocalHub): Promise<TLSSocket> {
  const socket = connect({ ...amqpEndpoint, ca: caCertificate })
  await once(socket, 'secureConnect')
  return socket
}

async function everything(socket: TLSSocket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The frames after the header, each whole. */
function framesOf(bytes: Buffer): readonly Buffer[] {
  if (bytes.length === 0) return []
  const size = bytes.readUInt32BE()
  return [bytes.subarray(0, size), ...framesOf(bytes.subarray(size))]
}

describe('an AMQP client', () => {
  it.each([
    ['that says hello', amqpHeader],
    ['that wants SASL', Buffer.from('AMQP\x03\x01\0\0', 'latin1')],
    ['that says nothing', Buffer.alloc(0)],
    ['that says too much', Buffer.alloc(1_000_000, 0xff)],
  ])('%s is told that AMQP is not served, and let go', async (_name, bytes) => {
    await using hub = await startLocalHub()
    const socket = await dial(hub)
    socket.write(bytes)
    const answer = await everything(socket)
    expect(answer.subarray(0, 8)).toEqual(amqpHeader)
    const [open, close, ...more] = framesOf(answer.subarray(8))
    expect(open?.subarray(4, 11)).toEqual(Buffer.from([2, 0, 0, 0, 0, 0x53, 0x10]))
    expect(close?.subarray(4, 11)).toEqual(Buffer.from([2, 0, 0, 0, 0, 0x53, 0x18]))
    expect(close?.toString('latin1')).toMatch(/amqp:not-implemented.*does not speak AMQP/)
    expect(more).toEqual([])
  })

  it('does not keep the hub from closing', async () => {
    const hub = await startLocalHub()
    const socket = await dial(hub)
    const closed = once(socket, 'close')
    socket.resume()
    await hub.close()
    await closed
  })
})
