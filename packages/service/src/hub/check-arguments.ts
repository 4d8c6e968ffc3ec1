import type { MethodRequest } from './iot-hub.ts'

/** Longest delay that a Node timer takes. */
const longestTimer = 2 ** 31 - 1

/**
 * Checks a device id against the hub's rule (IoT Hub identity registry guide).
 *
 * @throws RangeError
 */
export function checkDeviceId(deviceId: string): void {
  if (typeof deviceId !== 'string' || !/^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/.test(deviceId)) {
    throw new RangeError(
      `deviceId: expected 1 to 128 ASCII letters, digits or - : . + % _ # * ? ! ( ) , = @ ; $ ', got ${show(deviceId)}`,
    )
  }
}

/**
 * Checks a module id against the hub's rule (IoT Hub identity registry guide); those of IoT Edge itself begin with `$`.
 *
 * @throws RangeError
 */
export function checkModuleId(moduleId: string): void {
  if (typeof moduleId !== 'string' || !/^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/.test(moduleId)) {
    throw new RangeError(
      `moduleId: expected 1 to 128 ASCII letters, digits or - : . + % _ # * ? ! ( ) , = @ ; $ ', got ${show(moduleId)}`,
    )
  }
}

/**
 * Checks a method call against the hub's limits (IoT Hub direct methods guide), which the hub would answer with 400.
 *
 * @throws RangeError
 */
export function checkMethodRequest(request: MethodRequest): void {
  const { methodName, responseTimeoutInSeconds, connectTimeoutInSeconds } = request
  if (!methodName) throw new RangeError(`methodName: expected a name, got ${show(methodName)}`)
  checkInteger('responseTimeoutInSeconds', responseTimeoutInSeconds, 5, 300)
  checkInteger('connectTimeoutInSeconds', connectTimeoutInSeconds, 0, 300)
  if (connectTimeoutInSeconds > responseTimeoutInSeconds) {
    throw new RangeError(
      `connectTimeoutInSeconds: expected at most responseTimeoutInSeconds (${responseTimeoutInSeconds}), got ${connectTimeoutInSeconds}`,
    )
  }
}

/**
 * Checks a time-out in milliseconds.
 *
 * @throws RangeError
 */
export function checkTimeoutInMs(name: string, value: number): void {
  if (!(value > 0 && value <= longestTimer)) {
    throw new RangeError(`${name}: expected a number above 0 and up to ${longestTimer}, got ${show(value)}`)
  }
}

/**
 * Checks a number of things.
 *
 * @throws RangeError
 */
export function checkCount(name: string, value: number, least: number): void {
  checkInteger(name, value, least, Number.MAX_SAFE_INTEGER)
}

/**
 * Checks a point in time.
 *
 * @throws TypeError
 */
export function checkDate(name: string, value: Date): void {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw new TypeError(`${name}: expected a valid Date, got ${String(value)}`)
  }
}

/**
 * Checks a TCP port.
 *
 * @throws RangeError
 */
export function checkPort(name: string, value: number): void {
  checkInteger(name, value, 1, 65_535)
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name}: expected an integer from ${least} to ${most}, got ${show(value)}`)
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
