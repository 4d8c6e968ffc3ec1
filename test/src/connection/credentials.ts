import { createHmac, createPrivateKey } from 'node:crypto'

/** The same key, encrypted. */
export function encryptedKey(key: string, passphrase: string): string {
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString()
}

/**
 * A token for a device (wire reference 1.4), signed with the key of its connection string.
 *
 * @param validInSeconds from now on; negative for one that has ended
 */
export function sharedAccessSignature(connectionString: string, resourceUri: string, validInSeconds: number): string {
  const key = /SharedAccessKey=([^;]+)/.exec(connectionString)?.[1] ?? ''
  const expiry = Math.floor(Date.now() / 1_000) + validInSeconds
  const signature = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${resourceUri}\n${expiry}`)
    .digest('base64')
  return `SharedAccessSignature sr=${resourceUri}&sig=${encodeURIComponent(signature)}&se=${expiry}`
}
