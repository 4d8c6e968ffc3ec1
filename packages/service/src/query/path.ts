/**
 * Writes a path into a twin. A key that is no plain name, or one that the language has a meaning for, stands in `[[ ]]`.
 *
 * @throws TypeError for an empty key, or one that the brackets cannot hold
 */
export function path(...keys: readonly string[]): string {
  return keys.map(pathPart).join('.')
}

function pathPart(key: string): string {
  if (/^\$?[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !keywords.has(key.toUpperCase())) return key
  if (key === '' || key.includes(']')) {
    throw new TypeError(`a query cannot name the key ${JSON.stringify(key)}`)
  }
  return `[[${key}]]`
}

/** Words that a query would take for its own (IoT Hub query language; azure-docs issue 17106 for `group`). */
const keywords: ReadonlySet<string> = new Set([
  'AND',
  'AS',
  'AVG',
  'BY',
  'COUNT',
  'DEVICES',
  'FALSE',
  'FROM',
  'GROUP',
  'IN',
  'MAX',
  'MIN',
  'NIN',
  'NOT',
  'NULL',
  'OR',
  'ORDER',
  'SELECT',
  'SUM',
  'TOP',
  'TRUE',
  'UNDEFINED',
  'WHERE',
])
