import { isOperationId } from '@iothub-dm/protocol'

/** @throws TypeError when the value cannot be the id of an operation */
export function checkOperationId(value: string): void {
  if (!isOperationId(value)) {
    throw new TypeError(`operationId: expected 1 to 64 letters, digits or . _ : -, got ${JSON.stringify(value)}`)
  }
}
