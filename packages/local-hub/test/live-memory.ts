import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * What this process still holds after it has collected its garbage, in bytes. The resident size would count as well what the
 * allocator keeps in reserve, which grows with the load and says nothing about leaks.
 */
export async function liveMemory(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collectGarbage: unknown = runInNewContext('gc')
  for (let round = 0; round < 3; round += 1) {
    if (typeof collectGarbage === 'function') collectGarbage()
    // Streams let go of their buffers in a later turn of the event loop.
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** How many sockets this process has open. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap' || name === 'TLSWrap').length
}
