import type { Contract } from '@iothub-dm/protocol'

declare const contractOf: unique symbol

/**
 * Which devices are meant: the `WHERE` part of a twin query. Made by `where`, so that a key that the contract does not have does not
 * compile, and nothing in a value can change what is asked.
 */
export interface Condition<TContract extends Contract = Contract> {
  /** As IoT Hub's query language has it. */
  readonly text: string
  and(...others: readonly Condition<TContract>[]): Condition<TContract>
  or(...others: readonly Condition<TContract>[]): Condition<TContract>
  not(): Condition<TContract>
  /** Never there; keeps the conditions of two contracts apart. */
  readonly [contractOf]?: (contract: TContract) => void
}

/**
 * Makes a condition of a text that is right already.
 *
 * @param text an expression of the query language that needs no brackets around it
 */
export function condition<TContract extends Contract>(text: string): Condition<TContract> {
  return Object.freeze({
    text,
    and: (...others: readonly Condition<TContract>[]) => join(' AND ', [text, ...others.map(other => other.text)]),
    or: (...others: readonly Condition<TContract>[]) => join(' OR ', [text, ...others.map(other => other.text)]),
    not: () => condition<TContract>(`(NOT ${text})`),
  })
}

function join<TContract extends Contract>(operator: string, texts: readonly string[]): Condition<TContract> {
  return condition(texts.length === 1 ? texts.join('') : `(${texts.join(operator)})`)
}
