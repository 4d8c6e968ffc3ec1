import { writeSync } from 'node:fs'
import { IotHubDmError } from '@iothub-dm/protocol'
import { readBootId } from '../../src/boot/boot-id.ts'
import { lockStateDirectory } from '../../src/journal/state-directory-lock.ts'

/**
 * Test support, run as a program: locks the state directory that is its argument, prints `locked` or the code of the
 * error, and holds the lock until it is killed or its standard input ends.
 */
try {
  await lockStateDirectory({ directory: process.argv[2] ?? '', bootId: await readBootId() })
  writeSync(1, 'locked\n')
} catch (error) {
  if (!(error instanceof IotHubDmError)) throw error
  writeSync(1, `${error.code}\n`)
}
process.stdin.resume()
