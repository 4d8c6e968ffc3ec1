/** Why the hub does not let a caller in. Never sent to the caller; shown in the hub's events. */
export type RefusalReason =
  | 'malformedToken'
  | 'bearerToken'
  | 'tokenExpired'
  | 'wrongHost'
  | 'wrongScope'
  | 'unknownPolicy'
  | 'missingPermission'
  | 'wrongSignature'
  | 'unknownDevice'
  | 'unknownModule'
  | 'deviceDisabled'
  | 'wrongAuthenticationType'
  | 'wrongThumbprint'
  | 'wrongCommonName'
  | 'untrustedCertificate'
  | 'malformedUserName'
  | 'clientIdMismatch'
  | 'invalidWill'

/** Whether a caller is let in, and until when: milliseconds since 1970, or undefined for as long as it likes. */
export type AccessDecision =
  | { readonly granted: true; readonly expiresAtInMs: number | undefined }
  | { readonly granted: false; readonly reason: RefusalReason }

/** A decision against the caller. */
export function refuse(reason: RefusalReason): AccessDecision {
  return { granted: false, reason }
}
