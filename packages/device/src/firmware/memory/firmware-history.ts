import type { FirmwareKeySet } from '@iothub-dm/protocol'
import type { FirmwareEntry, InstalledFirmware } from './firmware-entry.ts'

const dayInMs = 24 * 60 * 60 * 1000
/** Kept of the newest images under the same keys; the very newest may still be rolled back. */
const keptInstalled = 8
const keptFailures = 64

/** What the entries about firmware come to. */
export interface FirmwareHistory {
  /** Images that were installed and not rolled back, in their order. */
  readonly installed: readonly InstalledFirmware[]
  /** Permits to downgrade that are used up. */
  readonly usedPermits: readonly string[]
  readonly failures: readonly { readonly sha256: string; readonly time: number }[]
  /** The newest key set that a rotation has led to. */
  readonly keySet: FirmwareKeySet | undefined
  /** It was at least so late already, in milliseconds since 1970. */
  readonly seenTime: number
}

/** Folds the entries, in their order. */
export function foldFirmwareEntries(entries: readonly FirmwareEntry[]): FirmwareHistory {
  let installed: InstalledFirmware[] = []
  const usedPermits = new Set<string>()
  const failures: { sha256: string; time: number }[] = []
  let keySet: FirmwareKeySet | undefined
  let seenTime = 0
  for (const entry of entries) {
    switch (entry.type) {
      case 'installing':
        installed = [...installed.filter(({ operationId }) => operationId !== entry.operationId), entry]
        break
      case 'permitUsed':
        usedPermits.add(entry.permit)
        break
      case 'rolledBack':
        installed = installed.filter(({ operationId }) => operationId !== entry.operationId)
        break
      case 'failed':
        failures.push({ sha256: entry.sha256, time: entry.time })
        break
      case 'keys':
        if (keySet === undefined || entry.keySet.version > keySet.version) keySet = entry.keySet
        break
      case 'time':
        seenTime = Math.max(seenTime, entry.time)
        break
    }
  }
  return { installed, usedPermits: [...usedPermits], failures, keySet, seenTime }
}

/** The fewest entries that come to the same, but for images that newer ones by the same keys stand before. Pure. */
export function compactFirmwareEntries(entries: readonly FirmwareEntry[]): readonly FirmwareEntry[] {
  const { installed, usedPermits, failures, keySet, seenTime } = foldFirmwareEntries(entries)
  const kept = new Set([...groupBySigners(installed)].flatMap(newest))
  return [
    ...usedPermits.map(permit => ({ type: 'permitUsed', permit }) as const),
    ...installed.filter(image => kept.has(image)),
    ...failures.slice(-keptFailures).map(failure => ({ type: 'failed', ...failure }) as const),
    ...(keySet === undefined ? [] : [{ type: 'keys', keySet } as const]),
    ...(seenTime === 0 ? [] : [{ type: 'time', time: seenTime } as const]),
  ]
}

/** How often an image has failed within a day. */
export function recentFailures({ failures }: FirmwareHistory, sha256: string, nowInMs: number): number {
  // Either way: a clock that was set back must not hold an image for years.
  return failures.filter(failure => failure.sha256 === sha256 && Math.abs(nowInMs - failure.time) < dayInMs).length
}

/**
 * The newest image that manifests are held against: a release signed by keys that are all revoked says nothing about releases
 * signed by those that have come after them.
 */
export function newestInstalled({ installed }: FirmwareHistory, keySet: FirmwareKeySet): InstalledFirmware | undefined {
  return installed
    .filter(({ signers }) => signers.some(signer => keySet.keys.some(({ x }) => x === signer)))
    .toSorted(bySequence)
    .at(-1)
}

function groupBySigners(installed: readonly InstalledFirmware[]): Iterable<readonly InstalledFirmware[]> {
  const groups = new Map<string, InstalledFirmware[]>()
  for (const image of installed) {
    const key = image.signers.toSorted().join()
    groups.set(key, [...(groups.get(key) ?? []), image])
  }
  return groups.values()
}

function newest(images: readonly InstalledFirmware[]): readonly InstalledFirmware[] {
  return images.toSorted(bySequence).slice(-keptInstalled)
}

function bySequence(left: InstalledFirmware, right: InstalledFirmware): number {
  return (left.sequence ?? 0) - (right.sequence ?? 0)
}
