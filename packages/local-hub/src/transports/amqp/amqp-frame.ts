/** The first bytes of an AMQP 1.0 connection without SASL (AMQP 1.0, 2.2). */
export const amqpHeader: Buffer = Buffer.from('AMQP\0\x01\0\0', 'latin1')

/** Numbers of the performatives and types that a refusal is made of (AMQP 1.0, 2.7 and 2.8). */
const descriptors = { open: 0x10, close: 0x18, error: 0x1d } as const

/** An OPEN that names the container, and nothing else. */
export function openFrame(containerId: string): Buffer {
  return frame(described('open', [text(containerId)]))
}

/** A CLOSE with an error. */
export function closeFrame(condition: string, description: string): Buffer {
  return frame(described('close', [described('error', [symbol(condition), text(description)])]))
}

/** A frame on channel 0 (AMQP 1.0, 2.3). */
function frame(body: Buffer): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 2, 0, 0, 0])
  head.writeUInt32BE(head.length + body.length)
  return Buffer.concat([head, body])
}

/** A list of fields under a descriptor (AMQP 1.0, 1.4). */
function described(type: keyof typeof descriptors, fields: readonly Buffer[]): Buffer {
  const body = Buffer.concat(fields)
  const list = Buffer.alloc(9)
  list.writeUInt8(0xd0)
  // The size counts the field that holds the count.
  list.writeUInt32BE(body.length + 4, 1)
  list.writeUInt32BE(fields.length, 5)
  return Buffer.concat([Buffer.from([0, 0x53, descriptors[type]]), list, body])
}

function text(value: string): Buffer {
  return variable(0xb1, value)
}

function symbol(value: string): Buffer {
  return variable(0xb3, value)
}

/** A value of variable length, with four bytes for the length (AMQP 1.0, 1.2). */
function variable(code: number, value: string): Buffer {
  const bytes = Buffer.from(value)
  const head = Buffer.alloc(5)
  head.writeUInt8(code)
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}
