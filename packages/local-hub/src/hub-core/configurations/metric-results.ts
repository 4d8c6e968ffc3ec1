/** What the metrics of a configuration came to when it was last evaluated: how many rows each query has, by its name. */
export interface MetricResults {
  readonly system: Readonly<Record<string, number>>
  readonly custom: Readonly<Record<string, number>>
}

/** The results of a configuration that was not evaluated yet. */
export const noResults: MetricResults = { system: {}, custom: {} }
