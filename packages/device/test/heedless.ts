import type { Gate } from './simulated-life.ts'

/** Test support: a handler that never ends, whatever it is told. */
export function heedless(begun: Gate): () => Promise<never> {
  return () => {
    begun.open()
    return new Promise<never>(() => {})
  }
}
