/** What the hub shows about the connection of an identity. */
export interface Presence {
  readonly connected: boolean
  /** Milliseconds since 1970 of the last connect or disconnect, or undefined when there was none. */
  readonly connectionChangedAt: number | undefined
  /** Milliseconds since 1970 of the last connect, disconnect or message. */
  readonly lastActivityAt: number | undefined
  /** The Plug and Play model that the device announced, or an empty string. */
  readonly modelId: string
}

/** The presence of an identity that never connected. */
export const neverConnected: Presence = {
  connected: false,
  connectionChangedAt: undefined,
  lastActivityAt: undefined,
  modelId: '',
}
