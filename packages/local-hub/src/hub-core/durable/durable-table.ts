import type { JsonValue } from '../json/json.ts'

/** A part of the state that outlives the hub, as whoever stores it sees it. */
export interface DurableTable {
  /** Every entry, as it is now. */
  encoded(): Iterable<readonly [key: string, value: JsonValue]>
  /**
   * Puts an entry back, without announcing it.
   *
   * @throws TypeError when this is not what the table wrote.
   */
  restore(key: string, value: JsonValue): void
}

/** Tells that an entry has changed; undefined when it is deleted. */
export type AnnounceChange = (key: string, value: JsonValue | undefined) => void

/** How values of one kind are written, and read back. */
export interface DurableCodec<TValue> {
  encode(value: TValue): JsonValue
  /** @throws TypeError when this is not what {@link encode} wrote. */
  decode(value: JsonValue): TValue
}
