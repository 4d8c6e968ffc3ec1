/** Joins texts by commas, into as few as a length lets. */
export function inChunks(texts: readonly string[], maxLength: number): readonly string[] {
  const chunks: string[] = []
  let chunk = ''
  for (const text of texts) {
    if (chunk !== '' && chunk.length + text.length + 2 > maxLength) {
      chunks.push(chunk)
      chunk = ''
    }
    chunk = chunk === '' ? text : `${chunk}, ${text}`
  }
  return chunk === '' ? chunks : [...chunks, chunk]
}
