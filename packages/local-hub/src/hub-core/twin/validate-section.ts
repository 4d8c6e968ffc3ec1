import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import { WrittenNumber } from '../json/written-number.ts'

/** The limits of wire reference 3.6. */
const maxKeyLengthInBytes = 1024
const maxStringLengthInBytes = 4096
const maxDepth = 10
const maxInteger = 2 ** 52 - 1
const minInteger = -(2 ** 52)

/** Whether a null member of an object is a deletion (in a patch) or illegal (in a whole document). */
export type NullRule = 'deletes' | 'illegal'

/** Control characters (C0, DEL, C1), dot, dollar, hash and blank. */
const illegalKeyCharacters = /[\p{Cc}.$# ]/u

/**
 * Checks tags, desired or reported properties against the hub's rules on keys, strings, integers, depth and nulls
 * (wire reference 3.6). An array counts as a level of depth.
 *
 * @throws HubError `ArgumentInvalid` (400, numeric 400004).
 */
export function validateSection(section: JsonObject, nullRule: NullRule): void {
  validateObject(section, nullRule, 0)
}

function validateObject(object: JsonObject, nullRule: NullRule, depth: number): void {
  for (const [key, value] of Object.entries(object)) {
    validateKey(key)
    if (value === null) {
      if (nullRule === 'illegal') throw invalid(`Property/Tag ${key} must not be null.`)
    } else {
      validateValue(key, value, nullRule, depth)
    }
  }
}

function validateValue(key: string, value: JsonValue, nullRule: NullRule, depth: number): void {
  if (typeof value === 'string') {
    if (Buffer.byteLength(value) > maxStringLengthInBytes) {
      throw invalid(`The string value of Property/Tag ${key} is longer than ${maxStringLengthInBytes} bytes.`)
    }
  } else if (typeof value === 'number' || value instanceof WrittenNumber) {
    validateNumber(key, typeof value === 'number' ? value : value.value)
  } else if (typeof value === 'object' && value !== null) {
    if (depth === maxDepth) throw invalid(`Property/Tag ${key} is nested deeper than ${maxDepth} levels.`)
    if (isJsonObject(value)) validateObject(value, nullRule, depth + 1)
    else validateElements(key, value, depth + 1)
  }
}

function validateElements(key: string, elements: readonly JsonValue[], depth: number): void {
  for (const element of elements) {
    if (element === null) throw invalid(`The array in Property/Tag ${key} must not contain null.`)
    validateValue(key, element, 'illegal', depth)
  }
}

function validateNumber(key: string, value: number): void {
  if (!Number.isFinite(value)) throw invalid(`The value of Property/Tag ${key} is too large for a number.`)
  if (Number.isInteger(value) && (value < minInteger || value > maxInteger)) {
    throw invalid(`The integer value of Property/Tag ${key} must be within [${minInteger}; ${maxInteger}].`)
  }
}

function validateKey(key: string): void {
  if (illegalKeyCharacters.test(key)) {
    throw invalid(
      `Property or Tag name has invalid characters. Error in Property/Tag ${key}. Must not contain Control Characters, '.', '$', '#', or ' '.`,
    )
  }
  if (Buffer.byteLength(key) > maxKeyLengthInBytes) {
    throw invalid(`Property or Tag name is longer than ${maxKeyLengthInBytes} bytes. Error in ${key.slice(0, 64)}...`)
  }
}

function invalid(message: string): HubError {
  return new HubError('ArgumentInvalid', message, { form: 'nested' })
}
