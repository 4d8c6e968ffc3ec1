import { HubError } from '../error/hub-error.ts'

const deviceIdPattern = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/

/**
 * Checks a device id against the hub's rules (wire reference 8.1).
 *
 * @throws HubError `IotHubFormatError` (400).
 */
export function assertDeviceId(deviceId: string): void {
  if (!deviceIdPattern.test(deviceId)) {
    throw new HubError(
      'IotHubFormatError',
      `Invalid device ID '${deviceId.slice(0, 128)}': 1 to 128 ASCII letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ ' are allowed.`,
    )
  }
}
