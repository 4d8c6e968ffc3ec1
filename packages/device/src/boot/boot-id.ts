import { readFile } from 'node:fs/promises'

const linuxBootIdPath = '/proc/sys/kernel/random/boot_id'
// it becomes part of a file name
const usable = /^[\x20-\x7e]{1,64}$/

/**
 * Tells which boot of the machine this is. A new boot id is the proof that the machine has restarted.
 *
 * @param bootId option of the same name: 1 to 64 printable ASCII characters that stay the same until the machine boots again and never
 *   come back after that. Default: what Linux says in `/proc/sys/kernel/random/boot_id`, which is also right in a
 *   container: starting the container anew does not boot the machine.
 * @param defaultPath where to read the default
 * @throws TypeError when there is no option and the machine does not tell, or when the option is of no use
 * @example
 * ```ts
 * const bootId = await readBootId()
 * ```
 */
export async function readBootId(bootId?: string, defaultPath: string = linuxBootIdPath): Promise<string> {
  if (bootId === undefined) return readDefault(defaultPath)
  if (typeof bootId !== 'string' || !usable.test(bootId)) {
    throw new TypeError(`bootId: expected 1 to 64 printable ASCII characters, got ${describe(bootId)}`)
  }
  return bootId
}

async function readDefault(path: string): Promise<string> {
  let text: string
  try {
    text = (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw missing(path, { cause })
  }
  if (!usable.test(text)) throw missing(path)
  return text
}

function missing(path: string, options?: ErrorOptions): TypeError {
  const message = `bootId: this machine does not tell its boot id in ${path}; pass one that changes at every boot`
  return new TypeError(message, options)
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : typeof value
}
