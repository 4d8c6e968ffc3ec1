import type { JsonObject } from '@iothub-dm/protocol'
import type { BoundAction } from '../implementation/implement.ts'

/** What the handlers of actions tell of the device, see `facts` of an action with options. */
export interface ActionFacts {
  /** The facts of an action; undefined while its handler has not told them. */
  of(actionName: string): JsonObject | undefined
}

/** Told what becomes of the asking. */
export interface ActionFactsListener {
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
}

/** Asks every handler once; one that does not answer holds up nobody else. */
export function askForFacts(actions: ReadonlyMap<string, BoundAction>, listener: ActionFactsListener): ActionFacts {
  const known = new Map<string, JsonObject>()
  for (const [name, { facts }] of actions) {
    if (facts === undefined) known.set(name, {})
    else
      void ask(facts, listener)
        .then(told => known.set(name, told))
        .then(listener.onChange)
  }
  return { of: name => known.get(name) }
}

async function ask(facts: NonNullable<BoundAction['facts']>, { onError }: ActionFactsListener): Promise<JsonObject> {
  try {
    return await facts()
  } catch (error) {
    onError(error)
    return {}
  }
}
