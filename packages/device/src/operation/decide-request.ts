import { randomUUID } from 'node:crypto'
import {
  decodeActionRequest,
  decodeArmingRequest,
  divideRequest,
  encodeRefusal,
  type JsonObject,
  type JsonValue,
  type Refusal,
  type RefusalCode,
  validateActionRequest,
  type WireAnswer,
} from '@iothub-dm/protocol'
import type { WhenBusy } from '../implementation/handlers.ts'
import type { BoundAction } from '../implementation/implement.ts'
import type { JournalEntry } from './journal-entry.ts'
import { isCancellable, type OperationLog } from './operation-log.ts'
import type { OperationStore } from './operation-store.ts'
import { type Penalty, penaltyUntil } from './penalty.ts'
import { digestRequest } from './request-digest.ts'
import type { RuntimeEnvironment } from './runtime-environment.ts'

/** When the device takes on an operation. */
export interface AcceptanceRules {
  /** What happens to a request while another operation is under way, where the action does not say. */
  readonly whenBusy: WhenBusy
  /** How many operations may wait for another one. */
  readonly maxQueuedOperations: number
  /** undefined: actions may fail as often as they like. */
  readonly penalty: Penalty | undefined
}

/** What becomes of a request for an operation. */
export type Decision =
  | { readonly kind: 'refuse'; readonly answer: WireAnswer }
  /** The operation is known; `secrets` are those that the request came with. */
  | { readonly kind: 'repeat'; readonly log: OperationLog; readonly secrets: JsonObject }
  /** The device is to be armed for the request. */
  | { readonly kind: 'arm'; readonly request: JsonValue }
  | {
      readonly kind: 'accept'
      readonly entry: Extract<JournalEntry, { type: 'accepted' }>
      readonly secrets: JsonObject
      /** Operations that give way to it. */
      readonly replaces: readonly OperationLog[]
      /** The device must be armed for it: the token that it came with, undefined for none. */
      readonly arming: { readonly token: string | undefined } | undefined
    }

/** A request for an action, as it came in. */
export interface IncomingRequest {
  readonly actionName: string
  readonly action: BoundAction
  readonly payload: JsonValue
}

/** Decides about a request for an operation. Changes nothing. */
export function decideRequest(
  { actionName, action, payload }: IncomingRequest,
  store: OperationStore,
  environment: RuntimeEnvironment,
  rules: AcceptanceRules,
): Decision {
  const { definition } = action
  const decoded = decodeActionRequest(payload, definition.pattern?.fromBarePayload)
  if ('issues' in decoded) return refuse('InvalidPayload', 'the payload is invalid', { issues: decoded.issues })
  const { operationId = randomUUID(), expiresAt } = decoded
  const needsArming = definition.pattern?.arming
  const { arm, token, request } =
    needsArming === undefined
      ? { arm: false, token: undefined, request: decoded.request }
      : decodeArmingRequest(decoded.request)
  const { open, secrets } = divideRequest(request, definition.secrets)
  const known = store.get(operationId)
  if (known !== undefined) {
    const same = known.action === actionName && known.requestDigest === digestRequest(open)
    if (same) return { kind: 'repeat', log: known, secrets }
    return refuse('OperationConflict', 'the operation id belongs to another request', referenceTo(known))
  }
  const now = environment.now()
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) {
    return refuse('Expired', `the request expired at ${expiresAt}`)
  }
  const checked = validateActionRequest(definition, request, `request of action '${actionName}'`)
  if (!checked.valid) return refuse('InvalidPayload', 'the payload is invalid', { issues: checked.issues })
  if (arm) return { kind: 'arm', request: open }
  const penalised = rules.penalty && penaltyUntil(store.ofAction(actionName), rules.penalty, now)
  if (penalised !== undefined) {
    return refuse(
      'TooManyFailures',
      `the action failed too often; try again after ${new Date(penalised).toISOString()}`,
    )
  }
  const place = findPlace(store.unfinished(), action.whenBusy ?? rules.whenBusy, rules)
  if (place.kind === 'refuse') return place
  const time = environment.timestamp()
  const expiry = expiresAt === undefined ? {} : { expiresAt }
  const entry = { type: 'accepted', operationId, action: actionName, request: open, time, ...expiry } as const
  const arming = needsArming?.(checked.value) === true ? { token } : undefined
  return { kind: 'accept', entry, secrets, replaces: place.replaces, arming }
}

type Place =
  | Extract<Decision, { kind: 'refuse' }>
  | { readonly kind: 'free'; readonly replaces: readonly OperationLog[] }

/** @param underWay the operations that are not over; all but the first wait for it */
function findPlace(underWay: readonly OperationLog[], whenBusy: WhenBusy, rules: AcceptanceRules): Place {
  const [busy] = underWay
  if (busy === undefined) return { kind: 'free', replaces: [] }
  if (whenBusy === 'refuse') return refuse('Busy', 'another operation is under way', referenceTo(busy))
  if (underWay.length > rules.maxQueuedOperations) {
    return refuse('TooManyRequests', `${underWay.length - 1} operations are waiting already`, referenceTo(busy))
  }
  if (whenBusy === 'queue') return { kind: 'free', replaces: [] }
  const stands = underWay.find(log => !log.cancelRequested && !isCancellable(log))
  if (stands !== undefined)
    return refuse('Busy', 'an operation is under way that cannot be replaced', referenceTo(stands))
  return { kind: 'free', replaces: underWay }
}

/** The operation that stands in the way, for a refusal. */
export function referenceTo(log: OperationLog): Pick<Refusal, 'operation'> {
  const { action, operationId, record } = log
  return { operation: { action, operationId, state: record.state } }
}

function refuse(
  code: RefusalCode,
  message: string,
  more: Omit<Refusal, 'code' | 'message'> = {},
): Extract<Decision, { kind: 'refuse' }> {
  return { kind: 'refuse', answer: encodeRefusal({ code, message, ...more }) }
}
