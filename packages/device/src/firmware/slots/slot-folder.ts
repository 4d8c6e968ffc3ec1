import { join } from 'node:path'
import { isJsonObject } from '@iothub-dm/protocol'
import type { SlotFileSystem } from './slot-file-system.ts'

/** One of the two places for a program. */
export type Slot = 'a' | 'b'

/** What is in a slot. */
export interface SlotContent {
  readonly version: string
  /** SHA-256 of the program, in lower-case hexadecimal digits; undefined where the image was unpacked. */
  readonly programSha256: string | undefined
}

/** The other slot. */
export function otherSlot(slot: Slot): Slot {
  return slot === 'a' ? 'b' : 'a'
}

/**
 * A folder with two slots. Every change of what starts next is one change of a name, which a power cut leaves done or undone:
 * - `current`, a symbolic link to the slot that is known to be good;
 * - `trial`, a symbolic link to the slot that is being tried out, while there is one;
 * - `trial-starts`, how often the trial may still be started;
 * - `previous`, a symbolic link to what was current when the trial began, until the trial is over.
 */
export class SlotFolder {
  readonly path: string
  readonly fileSystem: SlotFileSystem

  constructor(path: string, fileSystem: SlotFileSystem) {
    this.path = path
    this.fileSystem = fileSystem
  }

  /** The folder of a slot. */
  directoryOf(slot: Slot): string {
    return join(this.path, slot)
  }

  /** The slot that a link leads to; undefined when it is not there, or leads elsewhere. */
  async read(link: 'current' | 'trial' | 'previous'): Promise<Slot | undefined> {
    const target = await this.fileSystem.readLink(join(this.path, link))
    return target === 'a' || target === 'b' ? target : undefined
  }

  /** Makes a link lead to a slot, durably. */
  async point(link: 'current' | 'trial' | 'previous', slot: Slot): Promise<void> {
    const [path, fresh] = [join(this.path, link), join(this.path, `${link}.new`)]
    await this.fileSystem.unlink(fresh)
    await this.fileSystem.createLink(slot, fresh)
    await this.fileSystem.rename(fresh, path)
    await this.fileSystem.syncDirectory(this.path)
  }

  /** Makes the trial current: one change of a name. */
  async keepTrial(): Promise<void> {
    await this.fileSystem.rename(join(this.path, 'trial'), join(this.path, 'current'))
    await this.fileSystem.syncDirectory(this.path)
  }

  /** Removes a link, durably. */
  async remove(link: 'trial' | 'previous'): Promise<void> {
    await this.fileSystem.unlink(join(this.path, link))
    await this.fileSystem.syncDirectory(this.path)
  }

  /** How often the trial may still be started; 0 when that cannot be read. */
  async readTrialStarts(): Promise<number> {
    const bytes = await this.fileSystem.readFile(join(this.path, 'trial-starts'))
    const text = bytes === undefined ? '' : Buffer.from(bytes).toString('latin1')
    return /^\d{1,3}\n$/.test(text) ? Number(text) : 0
  }

  /** Says how often the trial may still be started. */
  writeTrialStarts(count: number): Promise<void> {
    return this.#replaceFile(this.path, 'trial-starts', `${count}\n`)
  }

  /** What is in a slot; undefined when nothing whole is. */
  async readContent(slot: Slot): Promise<SlotContent | undefined> {
    const bytes = await this.fileSystem.readFile(join(this.directoryOf(slot), 'slot.json'))
    return bytes === undefined ? undefined : parseContent(Buffer.from(bytes).toString('utf8'))
  }

  /** Says what is in a slot. */
  writeContent(slot: Slot, content: SlotContent): Promise<void> {
    return this.#replaceFile(this.directoryOf(slot), 'slot.json', JSON.stringify(content))
  }

  async #replaceFile(directory: string, name: string, text: string): Promise<void> {
    const [path, fresh] = [join(directory, name), join(directory, `${name}.new`)]
    await this.fileSystem.unlink(fresh)
    const file = await this.fileSystem.createFile(fresh)
    try {
      await file.write(Buffer.from(text))
      await file.sync()
    } finally {
      await file.close()
    }
    await this.fileSystem.rename(fresh, path)
    await this.fileSystem.syncDirectory(directory)
  }
}

function parseContent(text: string): SlotContent | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isJsonObject(value) || typeof value.version !== 'string') return undefined
  const { version, programSha256 } = value
  return { version, programSha256: typeof programSha256 === 'string' ? programSha256 : undefined }
}
