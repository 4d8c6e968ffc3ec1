/** Where a hub is, when it is not where the connection string says. */
export interface HubLocation {
  readonly endpoint?: { readonly host: string; readonly port: number }
  /** Certificate authority to trust, PEM. */
  readonly ca?: string
}

/** Writes the environment variables that tell a process where the hub is. */
export function writeHubLocation({ endpoint, ca }: HubLocation): Record<string, string> {
  return {
    ...(endpoint === undefined ? {} : { HUB_HOST: endpoint.host, HUB_PORT: String(endpoint.port) }),
    ...(ca === undefined ? {} : { HUB_CA: ca }),
  }
}

/** Reads what {@link writeHubLocation} wrote. */
export function readHubLocation({ HUB_HOST, HUB_PORT, HUB_CA }: NodeJS.ProcessEnv): HubLocation {
  return {
    ...(HUB_HOST === undefined ? {} : { endpoint: { host: HUB_HOST, port: Number(HUB_PORT) } }),
    ...(HUB_CA === undefined ? {} : { ca: HUB_CA }),
  }
}

/** @throws TypeError naming the variable that is missing */
export function requiredVariable(variables: NodeJS.ProcessEnv, name: string): string {
  const value = variables[name]
  if (value === undefined) throw new TypeError(`${name}: expected a value, got none`)
  return value
}
