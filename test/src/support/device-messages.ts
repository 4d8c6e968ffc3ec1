import { isJsonObject } from '@iothub-dm/protocol'

/** What the device program tells its supervisor. */
export type DeviceMessage =
  /** A session with the hub began. */
  | { readonly type: 'connected' }
  /** The session was lost. */
  | { readonly type: 'disconnected' }
  /** A handler stands at a gate that is closed. */
  | { readonly type: 'reached'; readonly gate: string }
  /** The journal has made something durable. Told only when its calls are watched. */
  | { readonly type: 'journaled' }

const messageTypes: readonly DeviceMessage['type'][] = ['connected', 'disconnected', 'reached', 'journaled']

/** Tells whether a message is one of the device program. */
export function isDeviceMessage(message: unknown): message is DeviceMessage {
  return isJsonObject(message) && messageTypes.some(type => type === message.type)
}

/** What the supervisor tells the device program: let the handler pass. */
export interface ReleaseMessage {
  readonly type: 'release'
  readonly gate: string
}

/** How the device program is started; travels as JSON in the environment variable {@link deviceSettingsVariable}. */
export interface DeviceSettings {
  readonly connectionString: string
  readonly ca: string
  readonly stateDirectory: string
  /** Where the program writes what it does; see `black-box.ts`. */
  readonly blackBox: string
  readonly bootId: string
  /** The gates that are closed. */
  readonly gates?: readonly string[] | undefined
  /** The calls of the journal to the file system at which the process kills itself, counted over all its lives from 1. */
  readonly killAtJournalCalls?: readonly number[] | undefined
  /** Default: the agent's. */
  readonly methodTimeoutInMs?: number | undefined
  /** Text that the handlers put into what they throw. */
  readonly secret?: string | undefined
}

/** Environment variable that holds the {@link DeviceSettings}. */
export const deviceSettingsVariable = 'TEST_DEVICE'

/** Exit code by which the program asks for a reboot: the supervisor starts it again with a new boot id. */
export const rebootExitCode = 64
