/**
 * Makes something of every member of a record.
 *
 * @returns a frozen object that has these members and no others, not even `toString`
 */
export function mapMembers<TMember, TResult>(
  members: Readonly<Record<string, TMember>>,
  make: (member: TMember, name: string) => TResult,
): Readonly<Record<string, TResult>> {
  const made: Record<string, TResult> = Object.create(null)
  for (const [name, member] of Object.entries(members)) made[name] = make(member, name)
  return Object.freeze(made)
}
