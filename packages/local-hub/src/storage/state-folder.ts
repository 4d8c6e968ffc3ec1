import { access, chmod, mkdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { DurableEntry, DurableState } from '../hub-core/durable/durable-state.ts'
import {
  type AuthorityPem,
  type CertificateAuthority,
  createAuthority,
  readAuthority,
} from '../tls/certificate-authority.ts'
import { lockFolder } from './folder-lock.ts'
import { nodeDisk } from './node-disk.ts'
import { readLog } from './read-log.ts'
import { replaceFile } from './replace-file.ts'
import { StateLog } from './state-log.ts'
import { StorageError } from './storage-error.ts'

/** An authority that is kept is trusted by clients once and for long. */
const authorityLifetimeInDays = 365

/** The folder in which a hub keeps its state. Only one hub at a time has it. */
export class StateFolder {
  readonly #path: string
  readonly #unlock: () => Promise<void>
  #log: StateLog | undefined

  private constructor(path: string, unlock: () => Promise<void>) {
    this.#path = path
    this.#unlock = unlock
  }

  /**
   * Opens a folder, or makes it, readable for its owner only.
   *
   * @throws StorageError by the promise when another hub has it; Error when it cannot be written.
   */
  static async open(path: string): Promise<StateFolder> {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await nodeDisk.syncFolder(dirname(resolve(path)))
    return new StateFolder(path, await lockFolder(join(path, 'hub.lock')))
  }

  /** @throws StorageError by the promise when the state is damaged, or written by another version. */
  readEntries(): Promise<readonly DurableEntry[]> {
    return readLog(logPath(this.#path))
  }

  /** Stores the state as it is now, and every change from now on. */
  async keep(state: DurableState): Promise<void> {
    const log = await StateLog.begin({ path: logPath(this.#path), entries: () => state.entries() })
    state.storeIn(log)
    this.#log = log
  }

  /** The certificate authority that is kept here; a new one when there is none, or it is about to expire. */
  async authority(): Promise<CertificateAuthority> {
    const kept = await readAuthorityFiles(this.#path)
    if (kept !== undefined) return kept
    const authority = await createAuthority(authorityLifetimeInDays)
    await this.#write('ca-key.pem', authority.pem.key)
    await this.#write('ca.pem', authority.pem.certificate)
    return authority
  }

  /** Waits for what is being written, and gives the folder up. */
  async close(): Promise<void> {
    try {
      await this.#log?.close()
    } finally {
      await this.#unlock()
    }
  }

  async #write(name: string, text: string): Promise<void> {
    const file = await replaceFile(nodeDisk, join(this.#path, name), [text])
    await file.close()
  }
}

/**
 * Reads the state in a folder without taking the folder, so also while a hub runs.
 *
 * @throws StorageError by the promise when there is none, or it is damaged, or written by another version.
 */
export async function readStateFolder(path: string): Promise<readonly DurableEntry[]> {
  await access(logPath(path)).catch((cause: unknown) => {
    throw new StorageError('NoState', `${path}: no hub keeps its state there`, { cause })
  })
  return readLog(logPath(path))
}

function logPath(folder: string): string {
  return join(folder, 'state.log')
}

async function readAuthorityFiles(path: string): Promise<CertificateAuthority | undefined> {
  let pem: AuthorityPem
  try {
    const keyPath = join(path, 'ca-key.pem')
    await chmod(keyPath, 0o600)
    pem = { key: await readFile(keyPath, 'utf8'), certificate: await readFile(join(path, 'ca.pem'), 'utf8') }
  } catch {
    return undefined
  }
  return readAuthority(pem)
}
