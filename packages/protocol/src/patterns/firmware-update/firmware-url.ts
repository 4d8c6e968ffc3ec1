/** The documented answer to a URL that is not https (device management samples of the Node SDK), word for word. */
export const insecureUrlMessage = 'Invalid URL format.  Must use https:// protocol.'

const maxUrlLength = 2048

/**
 * What is wrong with a URL to download from; undefined when nothing is. The message holds no part of the URL: its query may be a
 * token.
 */
export function firmwareUrlIssue(text: string): string | undefined {
  if (text.length > maxUrlLength) return `The URL must have at most ${maxUrlLength} characters.`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:') return insecureUrlMessage
  if (url.username !== '' || url.password !== '') return 'The URL must hold no user name and no password.'
  return undefined
}
