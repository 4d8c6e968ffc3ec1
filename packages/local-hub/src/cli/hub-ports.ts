import type { LocalHub } from '../local-hub.ts'
import { type LocalHubOptions, startLocalHub } from '../start-local-hub.ts'

/** The ports that clients expect a hub on. */
export const standardPorts = { https: 443, mqtt: 8883, amqp: 5671 } as const
const spareHttpsPort = 8443

/** A hub that runs, and what there is to say about where. */
export interface StartedHub {
  readonly hub: LocalHub
  /** Why it does not run where clients expect it, and how to change that. */
  readonly notice: string | undefined
}

/**
 * Starts a hub on the ports that were asked for, or else on the standard ones, or on 8443 where 443 cannot be had.
 *
 * @throws Error by the promise when a port that was asked for cannot be had.
 */
export async function startOnStandardPorts(options: LocalHubOptions): Promise<StartedHub> {
  const mqttPort = options.mqttPort ?? standardPorts.mqtt
  if (options.httpsPort !== undefined) return { hub: await startLocalHub({ ...options, mqttPort }), notice: undefined }
  try {
    return { hub: await startLocalHub({ ...options, mqttPort, httpsPort: standardPorts.https }), notice: undefined }
  } catch (error) {
    if (!isPortError(error) || error.port !== standardPorts.https) throw error
    const hub = await startLocalHub({ ...options, mqttPort, httpsPort: spareHttpsPort })
    return { hub, notice: noticeOf(error.code) }
  }
}

function noticeOf(code: string): string {
  const reason = `Port ${standardPorts.https} ${code === 'EACCES' ? 'needs a permission' : 'is taken'}, so ${spareHttpsPort} it is.`
  if (code !== 'EACCES') return reason
  const remedy =
    process.platform === 'linux'
      ? `sudo sysctl net.ipv4.ip_unprivileged_port_start=${standardPorts.https}`
      : 'start it with administrator rights'
  return `${reason} To allow ${standardPorts.https}: ${remedy}`
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
