import type { JsonValue } from '../json/json.ts'
import type { DurableState } from './durable-state.ts'
import type { AnnounceChange, DurableCodec, DurableTable } from './durable-table.ts'

/** A map whose entries outlive the hub. Values must be replaced, not changed in place. */
export class DurableMap<TValue> extends Map<string, TValue> implements DurableTable {
  readonly #codec: DurableCodec<TValue>
  readonly #announce: AnnounceChange

  /** @param name names the map where it is stored: it must stay the same from version to version. */
  constructor(durable: DurableState, name: string, codec: DurableCodec<TValue>) {
    super()
    this.#codec = codec
    this.#announce = durable.register(name, this)
  }

  override set(key: string, value: TValue): this {
    super.set(key, value)
    this.#announce(key, this.#codec.encode(value))
    return this
  }

  override delete(key: string): boolean {
    const existed = super.delete(key)
    if (existed) this.#announce(key, undefined)
    return existed
  }

  override clear(): void {
    for (const key of this.keys()) this.delete(key)
  }

  *encoded(): Generator<readonly [key: string, value: JsonValue]> {
    for (const [key, value] of this) yield [key, this.#codec.encode(value)]
  }

  restore(key: string, value: JsonValue): void {
    super.set(key, this.#codec.decode(value))
  }
}
