/** Options of {@link Paged.byPage}. */
export interface PageOptions {
  /** Rows of a page at most. The hub may give fewer: today it gives at most 100 (IoT Hub query language). */
  readonly pageSize?: number | undefined
}

/**
 * What a query finds, read page by page while it is iterated. Each iteration asks the hub anew.
 *
 * @example
 * ```ts
 * for await (const device of fleet.query()) console.log(device.deviceId)
 * for await (const page of fleet.query().byPage({ pageSize: 50 })) await save(page)
 * ```
 */
export interface Paged<TRow> extends AsyncIterable<TRow> {
  byPage(options?: PageOptions): AsyncIterable<readonly TRow[]>
}

/** Makes one from what reads the pages. */
export function paged<TRow>(readPages: (options: PageOptions) => AsyncIterable<readonly TRow[]>): Paged<TRow> {
  return {
    byPage: (options = {}) => readPages(options),
    async *[Symbol.asyncIterator]() {
      for await (const page of readPages({})) yield* page
    },
  }
}
