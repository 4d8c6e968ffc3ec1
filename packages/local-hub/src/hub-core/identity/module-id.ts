import { HubError } from '../error/hub-error.ts'
import { isIdentityId } from './device-id.ts'

/**
 * Checks the id of a module that a caller creates. Ids that start with `$` belong to the hub (wire reference 8.5).
 *
 * @throws HubError `IotHubFormatError` (400).
 */
export function assertModuleId(moduleId: string): void {
  if (!isIdentityId(moduleId) || moduleId.startsWith('$')) {
    throw new HubError(
      'IotHubFormatError',
      `Invalid module ID '${moduleId.slice(0, 128)}': 1 to 128 ASCII letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ ' are allowed, and no $ in front.`,
    )
  }
}
