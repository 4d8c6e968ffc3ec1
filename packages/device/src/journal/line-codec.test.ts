import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeLines, encodeLine } from './line-codec.ts'

const one = encodeLine('{"a":1}')
const two = encodeLine('"två"')

describe('line codec', () => {
  it('writes the checksum, a space, the JSON text and a newline', () => {
    // the check value of CRC-32 is that of these nine digits
    expect(encodeLine('123456789').toString()).toBe('cbf43926 123456789\n')
  })

  it('reads back any JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), values => {
        const lines = values.map(value => JSON.stringify(value))
        expect(decodeLines(Buffer.concat(lines.map(encodeLine)))).toEqual({
          kind: 'whole',
          values: lines.map(line => JSON.parse(line)),
        })
      }),
    )
  })

  it.each([
    ['half a line', Buffer.concat([one, two.subarray(0, 7)]), 7],
    ['a line without its newline', Buffer.concat([one, two.subarray(0, -1)]), two.length - 1],
    ['zeros', Buffer.concat([one, Buffer.alloc(50)]), 50],
    ['a line whose first half is zeros', Buffer.concat([one, Buffer.alloc(4), two.subarray(4)]), two.length],
    ['two bad lines', Buffer.concat([one, Buffer.from('x\ny\n')]), 4],
  ])('takes %s at the end for a torn tail', (_, bytes, tornBytes) => {
    expect(decodeLines(bytes)).toEqual({ kind: 'torn', values: [{ a: 1 }], tornBytes })
  })

  it.each([
    ['a changed line', Buffer.concat([one, Buffer.from('00000000 {}\n'), two])],
    ['zeros', Buffer.concat([one, Buffer.alloc(9), two, two])],
    ['a good checksum over what is not JSON', Buffer.concat([one, encodeLine('{'), two])],
    ['a checksum in capital letters', Buffer.concat([one, Buffer.from('CBF43926 123456789\n'), two])],
  ])('takes %s before a good line for corruption', (name, bytes) => {
    // the zeros run into the next line, so that the good one is the one after
    expect(decodeLines(bytes), name).toEqual({ kind: 'corrupt', lineNumber: 2 })
  })
})
