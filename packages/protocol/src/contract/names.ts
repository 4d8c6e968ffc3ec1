import { limits } from '../operation/limits.ts'
import { operationErrorCode } from '../operation/operation-record.ts'
import { isOperationState } from '../operation/operation-state.ts'
import { reportedRoot } from '../operation/reported-section.ts'
import { agentSection } from '../patterns/inventory/inventory.ts'
import { cancelOperationName } from '../wire/cancel-operation.ts'
import { ContractError } from './contract-error.ts'

/**
 * Unreserved characters, and `*` between component and command (Plug and Play): what every client puts into an MQTT topic
 * unchanged.
 */
const methodName = new RegExp(`^[A-Za-z0-9._~*-]{1,${limits.methodNameLength}}$`)

/** Also a key in a twin, which may not hold `.`, `$`, `#`, blanks and control characters. */
const twinName = new RegExp(`^[A-Za-z0-9_-]{1,${limits.nameLength}}$`)

const modelIdPattern = /^dtmi:[A-Za-z](?:\w*[A-Za-z0-9])?(?::[A-Za-z](?:\w*[A-Za-z0-9])?)*;[1-9]\d{0,8}$/

/** Clients have a member for each name: these would make it a thenable, change how it is printed, or hide what every object has. */
const reservedMembers: readonly string[] = [
  'then',
  'toJSON',
  'prototype',
  ...Object.getOwnPropertyNames(Object.prototype),
]

/** @throws ContractError when the name cannot be that of a direct method */
export function checkMethodName(name: string): void {
  const item = `method '${name}'`
  if (!methodName.test(name)) {
    throw new ContractError(item, `a method name has 1 to ${limits.methodNameLength} letters, digits or . _ ~ * -`)
  }
  checkReserved(item, name, [cancelOperationName])
}

/** @throws ContractError when the name cannot be that of an action: a direct method and a key in the twin */
export function checkActionName(name: string): void {
  checkTwinName(`action '${name}'`, name, [cancelOperationName, agentSection])
}

/** @throws ContractError when the name cannot be that of a section of desired properties */
export function checkConfigurationName(name: string): void {
  checkTwinName(`configuration '${name}'`, name, [reportedRoot])
}

/** @throws ContractError when a phase is no word, is named twice, or is the word of a state */
export function checkPhases(actionName: string, phases: readonly string[]): void {
  checkWords(`action '${actionName}'`, 'phase', phases)
  for (const phase of phases) {
    if (isOperationState(phase)) {
      throw new ContractError(`action '${actionName}'`, `phase '${phase}' is the word of a state of every operation`)
    }
  }
}

/** @throws ContractError when an error code is no word, is named twice, or is a code that every action has */
export function checkErrorCodes(actionName: string, codes: readonly string[]): void {
  checkWords(`action '${actionName}'`, 'error code', codes)
  for (const code of codes) {
    if (Object.hasOwn(operationErrorCode, code)) {
      throw new ContractError(`action '${actionName}'`, `error code '${code}' is one that every action has`)
    }
  }
}

/** @throws ContractError when the id is not a digital twin model identifier (DTDL v2: at most 128 characters) */
export function checkModelId(modelId: string): void {
  if (modelId.length > 128 || !modelIdPattern.test(modelId)) {
    throw new ContractError(`modelId '${modelId}'`, "must be a model identifier such as 'dtmi:contoso:Camera;1'")
  }
}

function checkTwinName(item: string, name: string, reserved: readonly string[]): void {
  if (!twinName.test(name)) {
    throw new ContractError(item, `the name has 1 to ${limits.nameLength} letters, digits, _ or -`)
  }
  checkReserved(item, name, reserved)
}

function checkWords(item: string, kind: string, words: readonly string[]): void {
  for (const [index, word] of words.entries()) {
    if (!twinName.test(word)) {
      throw new ContractError(item, `${kind} '${word}' must have 1 to ${limits.nameLength} letters, digits, _ or -`)
    }
    if (words.indexOf(word) !== index) throw new ContractError(item, `${kind} '${word}' is named twice`)
  }
}

function checkReserved(item: string, name: string, reserved: readonly string[]): void {
  if (reserved.includes(name) || reservedMembers.includes(name)) {
    throw new ContractError(item, 'the name is reserved')
  }
}
