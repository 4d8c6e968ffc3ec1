import { appendFileSync, readFileSync } from 'node:fs'

/** Something that a device really did. */
export type BlackBoxEntry =
  | { readonly type: 'started'; readonly bootId: string }
  /** A handler did something to the world, in a step or in a restart. */
  | { readonly type: 'effect'; readonly name: string; readonly attempt: number }
  /** A gate was opened, see `gate.ts`. */
  | { readonly type: 'released'; readonly gate: string }
  /** The journal is about to change the disk. */
  | { readonly type: 'journalCall'; readonly call: string }
  /** The process killed itself at a call of the journal. */
  | { readonly type: 'killed'; readonly call: string }

/** Notes what the device does, at once, so that it outlives a kill. */
export function noteInBlackBox(path: string, entry: BlackBoxEntry): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`)
}

/** Reads all that a device did, over all its lives. */
export function readBlackBox(path: string): BlackBoxEntry[] {
  const text = readFileSync(path, { encoding: 'utf8', flag: 'a+' })
  return text
    .split('\n')
    .slice(0, -1) // what follows the last line break is a line that is being written
    .map((line): BlackBoxEntry => JSON.parse(line))
}
