/**
 * What gives tokens of Microsoft Entra ID: any credential of `@azure/identity`, which this package neither needs nor imports.
 */
export interface TokenCredential {
  getToken(
    scopes: string | string[],
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>
}
