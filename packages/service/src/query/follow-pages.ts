/**
 * Reads pages one after the other, as they are asked for, to the last one; those with nothing in them are passed over.
 *
 * @param read told where the page before ended; undefined for the first one
 */
export async function* followPages<TRow>(
  read: (
    continuation: string | undefined,
  ) => Promise<{ readonly rows: readonly TRow[]; readonly continuation: string | undefined }>,
): AsyncGenerator<readonly TRow[], void, undefined> {
  let continuation: string | undefined
  do {
    const page = await read(continuation)
    if (page.rows.length > 0) yield page.rows
    continuation = page.continuation
  } while (continuation !== undefined)
}
