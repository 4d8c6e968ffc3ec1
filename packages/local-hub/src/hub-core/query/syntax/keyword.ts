/**
 * The reserved words. They are case-insensitive, and a property of such a name must be written in brackets: `tags.[[group]]`
 * (wire reference 5.2).
 */
const keywords = [
  'SELECT',
  'TOP',
  'AS',
  'FROM',
  'WHERE',
  'GROUP',
  'BY',
  'AND',
  'OR',
  'NOT',
  'IN',
  'NIN',
  'TRUE',
  'FALSE',
  'NULL',
  'UNDEFINED',
] as const

/** A reserved word of the language. */
export type Keyword = (typeof keywords)[number]

const known: ReadonlyMap<string, Keyword> = new Map(keywords.map(keyword => [keyword, keyword]))

/** The keyword that a bare name spells, in whatever case. */
export function keywordOf(name: string): Keyword | undefined {
  return known.get(name.toUpperCase())
}
