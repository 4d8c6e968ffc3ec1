import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the device program is killed, once: when it comes to a phase, or before or after it gives a file another name. */
export type KillPoint =
  | { readonly phase: string }
  /** The ends of the names. */
  | { readonly when: 'before' | 'after'; readonly from: string; readonly to: string }

/**
 * Writes a module that, loaded before the device program, kills it as a power cut would. The program itself knows nothing of it.
 *
 * @returns the options of Node for the program, and the file that is there once it was killed
 */
export async function writeKillHook(
  directory: string,
  point: KillPoint,
): Promise<{ readonly nodeOptions: readonly string[]; readonly mark: string }> {
  const mark = join(directory, 'killed')
  const hook = join(directory, 'kill-hook.cjs')
  await writeFile(
    hook,
    `const fs = require('node:fs')
const files = require('node:fs/promises')
const point = ${JSON.stringify(point)}
const kill = () => {
  if (fs.existsSync(${JSON.stringify(mark)})) return
  fs.writeFileSync(${JSON.stringify(mark)}, '')
  process.kill(process.pid, 'SIGKILL')
}
const { send } = process
process.send = (message, ...rest) => {
  if (point.phase !== undefined && message.phase === point.phase) kill()
  return send.call(process, message, ...rest)
}
const { rename } = files
files.rename = async (from, to) => {
  const isPoint = from.endsWith(point.from) && to.endsWith(point.to)
  if (isPoint && point.when === 'before') kill()
  await rename(from, to)
  if (isPoint && point.when === 'after') kill()
}
`,
  )
  return { nodeOptions: ['--require', hook], mark }
}
