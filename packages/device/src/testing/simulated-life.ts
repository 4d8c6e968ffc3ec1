import type { KillKind } from './kill.ts'

/** How a life of the device ended. */
export type LifeEnd =
  | { readonly type: 'killed'; readonly kind: KillKind; readonly at: string }
  /** The handler had the device restart. */
  | { readonly type: 'restarted' }
  /** The operation was over and the agent has closed. */
  | { readonly type: 'over' }
  /** It passed more points than a life can have. */
  | { readonly type: 'endless' }
  /** Everything waits, and nothing will ever come. */
  | { readonly type: 'stuck' }
  /** The program could not go on. */
  | { readonly type: 'crashed'; readonly error: unknown }

/** Decides at each point that a life passes how it ends there; undefined: it goes on. */
export type Fate = (point: string) => LifeEnd | undefined

/** A promise of its own each time: one for all would hold on to everything that ever waited for it. */
function never(): Promise<never> {
  return new Promise(() => {})
}

/**
 * One life of the program of a device. Everything that it does passes points, and after its end nothing that it waits for
 * comes any more: its code stands still for ever where it was.
 */
export class SimulatedLife {
  /** Counts what happens, so that standing still can be told. */
  activity = 0
  readonly #fate: Fate
  #end: LifeEnd | undefined

  constructor(fate: Fate) {
    this.#fate = fate
  }

  /** How it ended; undefined while it goes on. */
  get end(): LifeEnd | undefined {
    return this.#end
  }

  /** Ends it. The first end counts. */
  endWith(end: LifeEnd): Promise<never> {
    this.#end ??= end
    return never()
  }

  /** Passes a point, or never returns from it. */
  async pass(point: string): Promise<void> {
    if (this.#end !== undefined) return never()
    this.activity += 1
    const end = this.#fate(point)
    if (end !== undefined) return this.endWith(end)
  }

  /** Does something to the world, with a point before it and one after it, where the program does not know yet. */
  async act<TResult>(what: string, effect: () => TResult | Promise<TResult>): Promise<TResult> {
    await this.pass(`before ${what}`)
    const result = await effect()
    await this.pass(`after ${what}`)
    return result
  }
}
