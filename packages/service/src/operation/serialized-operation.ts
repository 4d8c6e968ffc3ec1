import { isJsonObject, isOperationId } from '@iothub-dm/protocol'

/** What it takes to find an operation again. */
export interface OperationAddress {
  readonly deviceId: string
  readonly action: string
  readonly operationId: string
}

/** Writes the address of an operation as one line of text, to be kept where another process finds it. */
export function serializeOperation({ deviceId, action, operationId }: OperationAddress): string {
  return JSON.stringify({ version: 1, deviceId, action, operationId })
}

/**
 * Reads what {@link serializeOperation} wrote.
 *
 * @throws TypeError when it is something else
 */
export function parseSerializedOperation(text: string): OperationAddress {
  const value = parseJson(text)
  if (!isJsonObject(value) || value.version !== 1) throw unexpected()
  const { deviceId, action, operationId } = value
  if (typeof deviceId !== 'string' || typeof action !== 'string' || !isOperationId(operationId)) throw unexpected()
  return { deviceId, action, operationId }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unexpected()
  }
}

function unexpected(): TypeError {
  return new TypeError('serialized: expected the text that serialize() of an operation handle gave')
}
