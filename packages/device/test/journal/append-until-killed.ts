import { writeSync } from 'node:fs'
import { PersistenceError } from '../../src/journal/errors.ts'
import { openJournal } from '../../src/journal/journal.ts'

/**
 * Test support, run as a program: appends 1, 2, 3 ... to the journal in the directory that is its argument, several at
 * a time, and prints each number once it is acknowledged. It goes on where an earlier run was killed.
 */
const { journal, entries } = await openJournal({
  directory: process.argv[2] ?? '',
  parse: Number,
  compact: all => all,
  compactAboveBytes: 1_000,
})

let next = entries.length + 1
try {
  for (;;) {
    const numbers = Array.from({ length: 3 }, () => next++)
    await Promise.all(numbers.map(number => journal.append(number).then(() => writeSync(1, `${number}\n`))))
  }
} catch (error) {
  if (error instanceof PersistenceError) writeSync(2, `${error.code} ${error.causeCode}\n`)
  else throw error
}
