/** Test support: finds every host on loopback. */
export function resolveToLoopback(): Promise<readonly { readonly address: string; readonly family: number }[]> {
  return Promise.resolve([{ address: '127.0.0.1', family: 4 }])
}
