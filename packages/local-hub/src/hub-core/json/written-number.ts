/**
 * A number whose text says more than its value does: `1.0`, `1e3`, `9007199254740993`. What is written into a twin or sent with a method
 * comes out as it was written (wire reference 3.6), so such a number keeps its text.
 */
export class WrittenNumber {
  readonly text: string

  /** @param text a number as JSON writes it. */
  constructor(text: string) {
    this.text = text
  }

  get value(): number {
    return Number(this.text)
  }

  /** For whoever writes JSON without knowing of this. */
  toJSON(): number {
    return this.value
  }
}

/** The number that a JSON value is, however it was written; undefined when it is none. */
export function numberOf(value: unknown): number | undefined {
  if (value instanceof WrittenNumber) return value.value
  return typeof value === 'number' ? value : undefined
}
