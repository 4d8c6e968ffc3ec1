/** What an update comes to once its request was judged: kept in the journal of the operation, so without the URL, which is secret. */
export interface FirmwarePlan {
  readonly version: string
  /** The version that ran when the request was judged. */
  readonly previousVersion: string
  readonly sha256: string
  /** Bytes of the image; null when nobody said. */
  readonly size: number | null
  readonly sequence: number | null
  /** The keys, by their `x`, that have signed; none for an unsigned update. */
  readonly signers: readonly string[]
  /** The permit to downgrade that is used up by this update. */
  readonly downgradePermit: string | null
}

/** What {@link judgeRequest} has found: there is nothing to do, or this. */
export type FirmwareVerdict =
  | { readonly alreadyCurrent: true; readonly version: string }
  | { readonly alreadyCurrent: false; readonly plan: FirmwarePlan }
