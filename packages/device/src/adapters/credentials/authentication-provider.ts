/**
 * What a device shows the hub. Any authentication provider of Azure's packages gives it: `SharedAccessKeyAuthenticationProvider`,
 * `X509AuthenticationProvider`, that of a TPM, or one's own.
 */
export interface DeviceCredentials {
  /** Host name of the hub. */
  readonly host: string
  readonly deviceId: string
  readonly moduleId?: string | undefined
  /** Host, or `host:port`, to connect to in place of the hub. */
  readonly gatewayHostName?: string | undefined
  /** Token, `SharedAccessSignature sr=...&sig=...&se=...`. */
  readonly sharedAccessSignature?: string | undefined
  /** `cert` and `key`, both PEM, and the `passphrase` of the key. */
  readonly x509?: object | undefined
}

/**
 * The authentication provider of Azure's device client, as far as the agent uses it. One that is an `EventEmitter` may tell of a new
 * token by `newTokenAvailable`; `stop`, where there is one, is called when a connection has ended.
 */
export interface DeviceAuthenticationProvider {
  /** 0 for a certificate, 1 for tokens: `AuthenticationType` of azure-iot-common. */
  readonly type: number
  getDeviceCredentials(callback: (error?: Error, credentials?: DeviceCredentials) => void): void
}

/** `AuthenticationType` of azure-iot-common, which exports it to CommonJS only (trap 56). */
export const authenticationType = { x509: 0, token: 1 } as const

/**
 * Checks what a program passes as an authentication provider.
 *
 * @throws TypeError
 */
export function assertAuthenticationProvider(provider: unknown): asserts provider is DeviceAuthenticationProvider {
  if (typeof provider !== 'object' || provider === null || !('getDeviceCredentials' in provider)) {
    throw new TypeError('the authentication provider must be an object with getDeviceCredentials()')
  }
  if (typeof provider.getDeviceCredentials !== 'function') {
    throw new TypeError('getDeviceCredentials of the authentication provider must be a function')
  }
  if (!('type' in provider) || !Object.values<unknown>(authenticationType).includes(provider.type)) {
    throw new TypeError('the type of the authentication provider must be 0 (X509) or 1 (Token)')
  }
}
