import type { Contract } from '@iothub-dm/protocol'
import type { Condition } from './condition.ts'
import { type TwinFields, twinFields } from './twin-fields.ts'

/**
 * Says which devices are meant.
 *
 * @param build puts the condition together from the fields of the twins
 * @returns a condition for all that takes devices: queries, summaries, jobs, hub configurations, rollouts. Where it is handed over at
 * once, the contract is that of the receiver; elsewhere name it: `where<typeof camera>(...)`
 * @example
 * ```ts
 * where<typeof camera>(t => t.tags('site').eq('oslo').and(t.action('reboot').state.eq('failed')))
 * ```
 */
export function where<TContract extends Contract = Contract>(
  build: (fields: TwinFields<TContract>) => Condition<NoInfer<TContract>>,
): Condition<TContract> {
  return build(twinFields<TContract>())
}
