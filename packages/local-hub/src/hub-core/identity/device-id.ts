import { HubError } from '../error/hub-error.ts'

const identityIdPattern = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/

/** Tells whether a text can be the id of a device or a module (wire reference 8.1). */
export function isIdentityId(text: string): boolean {
  return identityIdPattern.test(text)
}

/**
 * Checks a device id against the hub's rules (wire reference 8.1).
 *
 * @throws HubError `IotHubFormatError` (400).
 */
export function assertDeviceId(deviceId: string): void {
  if (!isIdentityId(deviceId)) {
    throw new HubError(
      'IotHubFormatError',
      `Invalid device ID '${deviceId.slice(0, 128)}': 1 to 128 ASCII letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ ' are allowed.`,
    )
  }
}
