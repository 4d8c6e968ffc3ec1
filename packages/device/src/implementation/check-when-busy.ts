import type { WhenBusy } from './handlers.ts'

const policies: readonly unknown[] = ['refuse', 'queue', 'replace'] satisfies readonly WhenBusy[]

/** @throws TypeError naming the option */
export function checkWhenBusy(item: string, whenBusy: unknown): void {
  if (whenBusy === undefined || policies.includes(whenBusy)) return
  throw new TypeError(`${item}: expected one of ${policies.join(', ')}, got ${JSON.stringify(whenBusy)}`)
}
