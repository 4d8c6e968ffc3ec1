import type { JsonObject } from '@iothub-dm/protocol'

/** The `$version` of the desired or reported properties of a twin; 0 where there is none. */
export function sectionVersion({ $version }: JsonObject): number {
  return typeof $version === 'number' ? $version : 0
}
