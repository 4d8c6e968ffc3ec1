import type { LocalHub } from '../local-hub.ts'
import { type LocalHubOptions, startLocalHub } from '../start-local-hub.ts'

/** The ports that clients expect a hub on. */
export const standardPorts = { https: 443, mqtt: 8883, amqp: 5671 } as const

/** Where the REST API goes: the port that clients expect, and the one that takes its place. */
const httpsPorts = { wanted: standardPorts.https, spare: 8443 } as const

/** A hub that runs, and what there is to say about where. */
export interface StartedHub {
  readonly hub: LocalHub
  /** Why it does not run where clients expect it, and how to change that. */
  readonly notice: string | undefined
}

/**
 * Starts a hub on the ports that were asked for, or else on the standard ones, or on the spare one where the first cannot be had.
 *
 * @throws Error by the promise when a port that was asked for cannot be had.
 */
export async function startOnStandardPorts(
  options: LocalHubOptions,
  { wanted, spare }: { readonly wanted: number; readonly spare: number } = httpsPorts,
): Promise<StartedHub> {
  const mqttPort = options.mqttPort ?? standardPorts.mqtt
  const startOn = (httpsPort: number): Promise<LocalHub> => startLocalHub({ ...options, mqttPort, httpsPort })
  if (options.httpsPort !== undefined) return { hub: await startOn(options.httpsPort), notice: undefined }
  try {
    return { hub: await startOn(wanted), notice: undefined }
  } catch (error) {
    if (!isPortError(error) || error.port !== wanted) throw error
    const hub = await startOn(spare)
    return { hub, notice: portNotice(error.code, wanted, hub.httpsEndpoint.port) }
  }
}

/** Why a port was not to be had, and how to change that, in one line. */
export function portNotice(code: string, wanted: number, taken: number): string {
  if (code !== 'EACCES') return `Port ${wanted} is taken by another program, so it is ${taken}.`
  const remedy =
    process.platform === 'linux'
      ? `sudo sysctl net.ipv4.ip_unprivileged_port_start=${wanted}`
      : 'start it with administrator rights'
  return `Port ${wanted} needs a permission, so it is ${taken}. To allow ${wanted}: ${remedy}`
}

interface PortError extends Error {
  readonly code: string
  readonly port: unknown
}

function isPortError(error: unknown): error is PortError {
  return (
    error instanceof Error && 'port' in error && 'code' in error && /^(EACCES|EADDRINUSE)$/.test(String(error.code))
  )
}
