/** The beginning of a text, at most `maxLength` UTF-16 units; a surrogate pair is never cut in two. */
export function clipText(text: string, maxLength: number): string {
  const clipped = text.slice(0, maxLength)
  return clipped.length < text.length && /[\uD800-\uDBFF]$/.test(clipped) ? clipped.slice(0, -1) : clipped
}
