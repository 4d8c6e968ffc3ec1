const scheme = 'SharedAccessSignature '

/** A token as the hub takes it, with its end. */
export interface SharedAccessSignature {
  /** The whole of it, to be sent. */
  readonly text: string
  /** When it ends, in milliseconds since 1970. */
  readonly expiresAtInMs: number
}

/**
 * Reads a token (wire reference 1.4): `SharedAccessSignature sr=...&sig=...&se=...`, with `se` in seconds since 1970.
 *
 * @returns undefined when it is none
 */
export function parseSharedAccessSignature(text: unknown): SharedAccessSignature | undefined {
  if (typeof text !== 'string' || !text.startsWith(scheme)) return undefined
  const fields = new URLSearchParams(text.slice(scheme.length))
  const expiry = fields.get('se') ?? ''
  if (!fields.has('sr') || !fields.has('sig') || !/^\d{1,12}$/.test(expiry)) return undefined
  return { text, expiresAtInMs: Number(expiry) * 1_000 }
}
