import { errorCodes } from '../../errors/error-codes.ts'
import { IotHubDmError } from '../../errors/iothub-dm-error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts'
import { decodeRefusal, type Refusal, type WireAnswer } from '../../wire/refusal.ts'
import { responseStatus } from '../../wire/response-status.ts'
import { type FactoryResetRequest, losesData } from './factory-reset-request.ts'

/** What a device answers when it is armed: the next request of the same content is taken when it brings this token. */
export interface Arming {
  /** Good for one request, of the content that it was asked for with. */
  readonly token: string
  /** When it is good no longer, by the clock of the device. ISO 8601, UTC. */
  readonly expiresTime: string
}

/** How a device answered the request to be armed. */
export type ArmingAnswer =
  | { readonly kind: 'armed'; readonly arming: Arming }
  | { readonly kind: 'refused'; readonly status: number; readonly refusal: Refusal }
  /** A success, but not in our shape: a device that runs other software. */
  | { readonly kind: 'foreign'; readonly status: number; readonly payload: JsonValue }

/** A request as it came in, without the members that are about arming. */
export interface ArmingRequest {
  /** Whether the device is asked to be armed for the request, not to carry it out. */
  readonly arm: boolean
  readonly token: string | undefined
  readonly request: JsonValue
}

/** Takes the members `arm` and `token` out of a request. */
export function decodeArmingRequest(payload: JsonValue): ArmingRequest {
  if (!isJsonObject(payload)) return { arm: false, token: undefined, request: payload }
  const { arm, token, ...request } = payload
  return { arm: arm === true, token: typeof token === 'string' ? token : undefined, request }
}

/** Writes the payload of the direct method that arms a device for a request. */
export function encodeArmingRequest(request: JsonObject): JsonObject {
  const { token: _, ...content } = request
  return { ...content, arm: true }
}

/** Writes the answer of a device that is armed now. */
export function encodeArming({ token, expiresTime }: Arming): WireAnswer {
  return { status: responseStatus.ok, payload: { token, expiresTime } }
}

/** Reads the answer of a device to the request to be armed. */
export function decodeArmingAnswer(status: number, payload: JsonValue): ArmingAnswer {
  if (status < 200 || status > 299) return { kind: 'refused', status, refusal: decodeRefusal(payload) }
  if (!isJsonObject(payload)) return { kind: 'foreign', status, payload }
  const { token, expiresTime } = payload
  if (typeof token !== 'string' || typeof expiresTime !== 'string') return { kind: 'foreign', status, payload }
  return { kind: 'armed', arming: { token, expiresTime } }
}

/**
 * The first of the two steps of a factory reset that loses data: has the device armed for it. The second one is to begin the
 * operation with what this resolves with, before the token expires (five minutes, unless the device says otherwise).
 *
 * @param request what is to be done; one that loses no data needs no arming, and is given back as it is
 * @param call calls the direct method `factoryReset` with a payload, and resolves with the status and the payload of the device
 * @returns the request with its token; do not log it
 * @throws IotHubDmError with the code of the refusal when the device refused, `InvalidResponse` when it did not understand; what
 * `call` throws
 * @example
 * ```ts
 * const request = await armFactoryReset({ level: 'data' }, payload => invoke('cam-1', 'factoryReset', payload))
 * await cam1.actions.factoryReset.begin(request)
 * ```
 */
export async function armFactoryReset(
  request: FactoryResetRequest,
  call: (payload: JsonObject) => Promise<WireAnswer>,
): Promise<FactoryResetRequest> {
  if (!losesData(request)) return request
  const { status, payload } = await call(encodeArmingRequest(toObject(request)))
  const answer = decodeArmingAnswer(status, payload)
  switch (answer.kind) {
    case 'armed':
      return { ...request, token: answer.arming.token }
    case 'refused': {
      const { code, message } = answer.refusal
      throw new IotHubDmError(isErrorCode(code) ? code : 'Refused', `factoryReset was not armed: ${message}`)
    }
    case 'foreign':
      throw new IotHubDmError(
        'InvalidResponse',
        `factoryReset was not armed: the device answered ${status} without a token`,
      )
  }
}

function toObject({ level, keep, reason }: FactoryResetRequest): JsonObject {
  return { level, ...(keep === undefined ? {} : { keep: [...keep] }), ...(reason === undefined ? {} : { reason }) }
}

function isErrorCode(code: string): code is keyof typeof errorCodes {
  return Object.hasOwn(errorCodes, code)
}
