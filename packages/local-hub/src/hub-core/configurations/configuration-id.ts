import { HubError } from '../error/hub-error.ts'

/**
 * Checks the id of a configuration (wire reference 6.1).
 *
 * @throws HubError `ArgumentInvalid` (400).
 */
export function assertConfigurationId(id: string): void {
  if (!/^[a-z0-9\-+%_*!']{1,128}$/.test(id)) {
    throw new HubError(
      'ArgumentInvalid',
      `Invalid configuration ID '${id.slice(0, 128)}': 1 to 128 lower-case ASCII letters, digits and - + % _ * ! ' are allowed.`,
    )
  }
}
