/** What the maker of an image says about it, and signs. */
export interface FirmwareManifest {
  /** What the image calls itself once it runs: 1 to 64 letters, digits, `.`, `_`, `+`, `-`. */
  readonly version: string
  /** Release counter: grows with every release, whatever its version is called. 0 to 2^53 - 1. */
  readonly sequence: number
  /** The models that the image is for, 1 to 16. */
  readonly models: readonly string[]
  /** The hardware revisions that it is for, 1 to 32; left out: all. */
  readonly hardware?: readonly string[]
  /** The devices that it is for, 1 to 32; left out: all. */
  readonly devices?: readonly string[]
  /** Bytes of the image. */
  readonly size: number
  /** SHA-256 of the image, 64 hexadecimal digits in lower case. */
  readonly sha256: string
  /** Where the image is, https; left out: where the request says. */
  readonly url?: string
  /** Not to be installed from this time on. ISO 8601, UTC. */
  readonly expires: string
  /** The lowest version from which a device may update to this one directly. */
  readonly requiredVersion?: string
  /**
   * Allows a device, once, to go back behind its newest release: an id that no other manifest has. The device remembers the ids
   * that it has used.
   */
  readonly downgradePermit?: string
}
