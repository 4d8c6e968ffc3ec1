/** How a client shows a hub who it is. */
export interface HubCredentials {
  readonly hostName: string
  /**
   * The value of the header `Authorization`, valid for the next call.
   *
   * @throws IotHubDmError `CredentialsUnavailable`
   */
  readonly authorization: () => string | Promise<string>
}
