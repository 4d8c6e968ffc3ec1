import { createHmac } from 'node:crypto'

/** What a token is made of; `sr` and `se` are signed as they are written. */
export interface SasParts {
  readonly sr: string
  readonly se: number
  readonly key: string
  readonly skn?: string
}

/** Signs a token the way clients do. */
export function signSas({ sr, se, key, skn }: SasParts): string {
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(`${sr}\n${se}`).digest('base64')
  const policy = skn === undefined ? '' : `&skn=${skn}`
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(signature)}&se=${se}${policy}`
}

/** A moment in seconds since 1970, one hour ahead. */
export function inOneHour(): number {
  return Math.floor(Date.now() / 1000) + 3600
}

/** The members of a connection string. */
export function parseConnectionString(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(';').map(part => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  )
}
