import type { LocalHub } from '../local-hub.ts'
import { type LocalHubOptions, startLocalHub } from '../start-local-hub.ts'

/** The ports that clients expect a hub on. */
export const standardPorts = { https: 443, mqtt: 8883, amqp: 5671 } as const

/** A port that clients expect, and the one that takes its place; 0 stands for any. */
export interface PortChoice {
  readonly wanted: number
  readonly spare: number
}

/** Where what need not be where clients expect it goes. */
export interface PortChoices {
  readonly https: PortChoice
  readonly amqp: PortChoice
}

const standardChoices: PortChoices = {
  https: { wanted: standardPorts.https, spare: 8443 },
  amqp: { wanted: standardPorts.amqp, spare: 0 },
}

/** A hub that runs, and what there is to say about where. */
export interface StartedHub {
  readonly hub: LocalHub
  /** Why it does not run where clients expect it, and how to change that. */
  readonly notice: string | undefined
}

/**
 * Starts a hub on the ports that were asked for, or else on the standard ones, or on the spare ones where those cannot be had.
 *
 * @throws Error by the promise when a port that was asked for cannot be had.
 */
export async function startOnStandardPorts(
  options: LocalHubOptions,
  { https, amqp }: PortChoices = standardChoices,
): Promise<StartedHub> {
  const { mqttPort = standardPorts.mqtt } = options
  let httpsPort = options.httpsPort ?? https.wanted
  let amqpPort = amqp.wanted
  let obstacle: string | undefined
  for (;;) {
    try {
      const hub = await startLocalHub({ ...options, mqttPort, httpsPort, amqpPort })
      const notice = obstacle === undefined ? undefined : portNotice(obstacle, https.wanted, hub.httpsEndpoint.port)
      return { hub, notice }
    } catch (error) {
      if (!isPortError(error)) throw error
      if (error.port === amqpPort && amqpPort !== amqp.spare) {
        amqpPort = amqp.spare
      } else if (error.port === httpsPort && options.httpsPort === undefined && httpsPort !== https.spare) {
        httpsPort = https.spare
        obstacle = error.code
      } else {
        throw error
      }
    }
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
