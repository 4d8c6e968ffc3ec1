import { createMergePatch, encodeInventory, type Inventory } from '@iothub-dm/protocol'
import type { ReportedPart } from '../reporting/reported-part.ts'

/**
 * The inventory in the reported properties. What the hub has is known from the read at the start of every session, so it is sent once,
 * again when it has changed, and again to a twin that was made anew.
 *
 * @param inventory undefined: nothing is to be reported
 */
export function inventoryPart(inventory: () => Inventory | undefined): ReportedPart {
  return {
    draft(reported) {
      const wanted = inventory()
      const patch = wanted === undefined ? undefined : createMergePatch(reported, encodeInventory(wanted, reported))
      return { patches: [patch], confirm: async () => {} }
    },
  }
}
