import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import { numberOf } from '../json/written-number.ts'

/** Reads a JSON object whose form is known, member by member. Every method throws a TypeError that names the member. */
export class JsonReader {
  readonly #object: JsonObject

  /** @throws TypeError when this is not an object. */
  constructor(value: JsonValue | undefined) {
    if (!isJsonObject(value)) throw new TypeError('expected an object')
    this.#object = value
  }

  string(name: string): string {
    const value = memberOf(this.#object, name)
    return typeof value === 'string' ? value : unexpected(name, 'a string')
  }

  stringOrNull(name: string): string | null {
    return memberOf(this.#object, name) === null ? null : this.string(name)
  }

  stringOrUndefined(name: string): string | undefined {
    return memberOf(this.#object, name) === undefined ? undefined : this.string(name)
  }

  strings(name: string): readonly string[] {
    const value = memberOf(this.#object, name)
    return Array.isArray(value) && value.every(isText) ? value : unexpected(name, 'an array of strings')
  }

  boolean(name: string): boolean {
    const value = memberOf(this.#object, name)
    return typeof value === 'boolean' ? value : unexpected(name, 'true or false')
  }

  number(name: string): number {
    const value = memberOf(this.#object, name)
    return numberOf(value) ?? unexpected(name, 'a number')
  }

  numberOrUndefined(name: string): number | undefined {
    return memberOf(this.#object, name) === undefined ? undefined : this.number(name)
  }

  oneOf<TText extends string>(name: string, choices: readonly TText[]): TText {
    const value = memberOf(this.#object, name)
    return choices.find(choice => choice === value) ?? unexpected(name, `one of ${choices.join(', ')}`)
  }

  value(name: string): JsonValue {
    return memberOf(this.#object, name) ?? null
  }

  object(name: string): JsonObject {
    const value = memberOf(this.#object, name)
    return isJsonObject(value) ? value : unexpected(name, 'an object')
  }

  objectOrNull(name: string): JsonObject | null {
    return memberOf(this.#object, name) === null ? null : this.object(name)
  }

  readerOrUndefined(name: string): JsonReader | undefined {
    return memberOf(this.#object, name) === undefined ? undefined : this.reader(name)
  }

  reader(name: string): JsonReader {
    return new JsonReader(this.object(name))
  }
}

function isText(value: JsonValue): value is string {
  return typeof value === 'string'
}

function unexpected(name: string, expected: string): never {
  throw new TypeError(`${name}: expected ${expected}`)
}
