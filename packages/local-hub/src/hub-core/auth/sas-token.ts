const prefix = 'SharedAccessSignature '

/** A shared access signature as received, taken apart but not verified. */
export interface SasToken {
  /** The text that was signed: `sr` and `se` exactly as sent, because clients differ in how they encode `sr`. */
  readonly signedText: string
  readonly signature: Buffer
  /** The decoded `sr`: host and path that the token is good for. */
  readonly resource: string
  readonly expiresAtInMs: number
  /** The policy whose key signed it, or undefined for a device's own key. */
  readonly policyName: string | undefined
}

/** Takes a token apart (wire reference 1.4); undefined when it is not one. */
export function parseSasToken(text: string): SasToken | undefined {
  if (!text.startsWith(prefix)) return undefined
  const fields = parseFields(text.slice(prefix.length))
  const sr = fields.get('sr')
  const se = fields.get('se')
  const resource = decode(sr)
  const signature = decode(fields.get('sig'))
  if (sr === undefined || resource === undefined || signature === undefined) return undefined
  if (se === undefined || !/^\d{1,12}$/.test(se)) return undefined
  return {
    signedText: `${sr}\n${se}`,
    signature: Buffer.from(signature, 'base64'),
    resource,
    expiresAtInMs: Number(se) * 1000,
    policyName: decode(fields.get('skn')) || undefined,
  }
}

function parseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const field of text.split('&')) {
    const equals = field.indexOf('=')
    if (equals > 0) fields.set(field.slice(0, equals), field.slice(equals + 1))
  }
  return fields
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
