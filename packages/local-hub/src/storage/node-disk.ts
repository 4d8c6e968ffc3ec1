import { open, rename } from 'node:fs/promises'
import type { Disk } from './disk.ts'

/** The state contains keys. */
const ownerOnly = 0o600

/** The file system of this machine. */
export const nodeDisk: Disk = {
  create: async path => {
    const file = await open(path, 'w', ownerOnly)
    return {
      append: text => file.appendFile(text),
      sync: () => file.datasync(),
      close: () => file.close(),
    }
  },
  rename,
  syncFolder: async path => {
    // Windows cannot open folders, and does not need it.
    if (process.platform === 'win32') return
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
}
