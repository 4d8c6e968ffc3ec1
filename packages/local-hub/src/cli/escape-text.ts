/** Makes text of unknown origin harmless in a terminal and in a log: one line, no control sequences, not endless. */
export function escapeText(text: string): string {
  const shown = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return shown.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu, character => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

const maxLength = 512
