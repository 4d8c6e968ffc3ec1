/** Runs work on every item, a few at a time; the results keep the order of the items. */
export async function inParallel<TItem, TResult>(
  items: readonly TItem[],
  atATime: number,
  work: (item: TItem) => Promise<TResult>,
): Promise<TResult[]> {
  const queue = items.entries()
  const results: TResult[] = []
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  return results
}
