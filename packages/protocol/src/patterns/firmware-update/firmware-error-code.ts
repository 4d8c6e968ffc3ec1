/** The codes with which a firmware update ends when it does not succeed; what each means stands in `errorCodes`. */
export const firmwareErrorCodes = [
  // Before anything is spent.
  'ManifestInvalid',
  'ManifestConflict',
  'SignatureInvalid',
  'ManifestExpired',
  'TimeUnknown',
  'Incompatible',
  'VersionRollback',
  'DependencyMissing',
  'Quarantined',
  'UrlRefused',
  // While the image is on its way.
  'ServerNotTrusted',
  'DownloadRefused',
  'DownloadFailed',
  'DownloadStalled',
  'TooManyRedirects',
  'SizeExceeded',
  'DigestMismatch',
  // Once it is there.
  'ApplyFailed',
  'HealthCheckFailed',
  'RolledBack',
  'RollbackFailed',
] as const

/** A code of {@link firmwareErrorCodes}. */
export type FirmwareErrorCode = (typeof firmwareErrorCodes)[number]
