import { crc32 } from 'node:zlib'

const newline = 0x0a
const checksumLength = 8

/**
 * What a sequence of lines holds.
 * - `whole`: every line is good.
 * - `torn`: good lines, then bytes that hold no good line: what a power cut leaves of an append that was never
 *   acknowledged.
 * - `corrupt`: a bad line with a good one after it, which no power cut explains. `lineNumber` counts from 1.
 */
export type DecodedLines =
  | { readonly kind: 'whole'; readonly values: readonly unknown[] }
  | { readonly kind: 'torn'; readonly values: readonly unknown[]; readonly tornBytes: number }
  | { readonly kind: 'corrupt'; readonly lineNumber: number }

/**
 * Encodes one line: eight hexadecimal digits of CRC-32, a space, the JSON text, a newline.
 *
 * @param json JSON text as `JSON.stringify` makes it, that is without line breaks
 */
export function encodeLine(json: string): Buffer {
  return Buffer.from(`${checksum(Buffer.from(json))} ${json}\n`)
}

/**
 * Decodes lines that {@link encodeLine} made, and says what state they are in.
 *
 * @param bytes the lines, or what is left of them
 */
export function decodeLines(bytes: Uint8Array): DecodedLines {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values: unknown[] = []
  let goodBytes = 0
  let bad = false
  for (let start = 0; start < buffer.length; ) {
    const end = buffer.indexOf(newline, start)
    if (end === -1) break
    const line = decodeLine(buffer.subarray(start, end))
    if (line === undefined) bad = true
    else if (bad) return { kind: 'corrupt', lineNumber: values.length + 1 }
    else {
      values.push(line.value)
      goodBytes = end + 1
    }
    start = end + 1
  }
  const tornBytes = buffer.length - goodBytes
  return tornBytes === 0 ? { kind: 'whole', values } : { kind: 'torn', values, tornBytes }
}

function decodeLine(line: Buffer): { readonly value: unknown } | undefined {
  const json = line.subarray(checksumLength + 1)
  if (line.toString('latin1', 0, checksumLength + 1) !== `${checksum(json)} `) return undefined
  try {
    return { value: JSON.parse(json.toString()) }
  } catch {
    return undefined
  }
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(checksumLength, '0')
}
