import { parseArgs } from 'node:util'
import { type HubTier, tierNames } from '../hub-core/throttle/hub-tier.ts'
import { UsageError } from './usage-error.ts'

/** How a hub is started from the command line. What was not said is undefined. */
export interface StartOptions {
  readonly deviceIds: readonly string[]
  readonly data: string | undefined
  readonly httpsPort: number | undefined
  readonly mqttPort: number | undefined
  readonly host: string | undefined
  readonly hostName: string | undefined
  readonly tier: HubTier | undefined
  readonly caFile: string | undefined
  /** Files with the certificates of authorities whose devices are trusted. */
  readonly deviceCaFiles: readonly string[]
  readonly configurationPeriodInMs: number | undefined
  readonly queryLagInMs: number | undefined
  readonly acceptBearerTokens: boolean
  readonly verbose: boolean
}

/** What a command line asks for. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | { readonly name: 'start'; readonly options: StartOptions }
  | { readonly name: 'export'; readonly data: string }
  | { readonly name: 'import'; readonly data: string; readonly file: string }

const optionTypes = {
  device: { type: 'string', multiple: true },
  data: { type: 'string' },
  'https-port': { type: 'string' },
  'mqtt-port': { type: 'string' },
  host: { type: 'string' },
  'host-name': { type: 'string' },
  tier: { type: 'string' },
  'ca-file': { type: 'string' },
  'device-ca': { type: 'string', multiple: true },
  'configuration-period': { type: 'string' },
  'query-lag': { type: 'string' },
  'accept-bearer-tokens': { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/**
 * Reads a command line.
 *
 * @throws UsageError when it cannot be understood.
 */
export function parseCommandLine(args: readonly string[]): Command {
  const { values, positionals } = parse(args)
  const [name = 'help', ...rest] = positionals
  if (values.version === true) return { name: 'version' }
  if (values.help === true || name === 'help') return { name: 'help' }
  switch (name) {
    case 'start':
      assertNoMore(rest)
      return { name, options: startOptions(values) }
    case 'export':
      assertNoMore(rest)
      return { name, data: required(values.data) }
    case 'import': {
      const [file, ...more] = rest
      if (file === undefined) throw new UsageError('import: expected the file to import, or - for standard input')
      assertNoMore(more)
      return { name, data: required(values.data), file }
    }
    default:
      throw new UsageError(`unknown command '${name}'`)
  }
}

type Parsed = ReturnType<typeof parseArgs<{ options: typeof optionTypes; allowPositionals: true }>>

function parse(args: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...args], options: optionTypes, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function startOptions(values: Parsed['values']): StartOptions {
  return {
    deviceIds: values.device ?? [],
    data: values.data,
    httpsPort: parsePort('--https-port', values['https-port']),
    mqttPort: parsePort('--mqtt-port', values['mqtt-port']),
    host: values.host,
    hostName: values['host-name'],
    tier: parseTier(values.tier),
    caFile: values['ca-file'],
    deviceCaFiles: values['device-ca'] ?? [],
    configurationPeriodInMs: parseSeconds('--configuration-period', values['configuration-period']),
    queryLagInMs: parseSeconds('--query-lag', values['query-lag']),
    acceptBearerTokens: values['accept-bearer-tokens'] ?? false,
    verbose: values.verbose ?? false,
  }
}

function parsePort(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new UsageError(`${option}: expected a port from 0 to 65535, got '${text}'`)
  return port
}

/** In milliseconds. */
function parseSeconds(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (seconds === 0) throw new UsageError(`${option}: expected a number of seconds above 0, got '${text}'`)
  return seconds * 1000
}

function parseTier(text: string | undefined): HubTier | undefined {
  if (text === undefined) return undefined
  const [, asked = '', units] = /^([A-Za-z]\d)(?::(\d{1,3}))?$/.exec(text) ?? []
  const name = tierNames.find(each => each === asked.toUpperCase())
  if (name === undefined)
    throw new UsageError(`--tier: expected ${tierNames.join(', ')}, with units such as S1:2, got '${text}'`)
  return units === undefined ? { name } : { name, units: Number(units) }
}

function required(data: string | undefined): string {
  if (data === undefined) throw new UsageError('--data: expected the folder of the hub')
  return data
}

function assertNoMore(rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`unexpected argument '${rest[0]}'`)
}
