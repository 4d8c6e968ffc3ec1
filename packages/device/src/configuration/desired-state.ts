import { applyMergePatch, type JsonObject } from '@iothub-dm/protocol'

/** The desired properties at a version. */
export interface DesiredProperties {
  readonly properties: JsonObject
  readonly version: number
}

/** A patch of the desired properties, and the version that it leads to. */
export interface DesiredPatch {
  readonly patch: JsonObject
  readonly version: number
}

/**
 * The device's own copy of the desired properties. Patches may be missed, doubled or out of order, so a copy is only carried on
 * from one version to the very next; a gap can be closed by a read alone.
 */
export interface DesiredState {
  /** undefined before the first read. */
  readonly known: DesiredProperties | undefined
  /** A read is under way; patches wait for it, as it may be older than they are. */
  readonly reading: boolean
  readonly waiting: readonly DesiredPatch[]
}

/** A copy of which nothing is known yet, waiting for the read that begins every session. */
export function beginSession(state?: DesiredState): DesiredState {
  // What waited belongs to the session before, perhaps of an identity that was deleted since.
  return { known: state?.known, reading: true, waiting: [] }
}

/** A read of the twin begins, whoever wanted it: its answer may be older than the patches that come meanwhile. */
export function beginRead(state: DesiredState): DesiredState {
  return { ...state, reading: true }
}

/** A patch came in. When the new state is `reading` and the one before was not, the twin has to be read: once for each gap. */
export function receivePatch(state: DesiredState, patch: DesiredPatch): DesiredState {
  if (state.reading) return { ...state, waiting: [...state.waiting, patch] }
  return carryOn({ ...state, waiting: [patch] })
}

/** The twin was read. A read is authoritative, also when its version is smaller: the device was deleted and made anew. */
export function receiveRead(state: DesiredState, known: DesiredProperties): DesiredState {
  return carryOn({
    known,
    reading: false,
    waiting: state.waiting.toSorted((left, right) => left.version - right.version),
  })
}

/** Applies what waits, in the order of versions, up to the first gap. */
function carryOn({ known, waiting }: DesiredState): DesiredState {
  let current = known
  for (const [index, { patch, version }] of waiting.entries()) {
    if (current === undefined || version > current.version + 1) {
      // The read that is now asked for knows of this patch already, and perhaps not of those that are yet to come.
      return { known: current, reading: true, waiting: waiting.slice(index + 1) }
    }
    if (version === current.version + 1) current = { properties: applyMergePatch(current.properties, patch), version }
  }
  return { known: current, reading: false, waiting: [] }
}
