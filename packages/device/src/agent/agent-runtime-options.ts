import type { ConfigurationAcknowledgement, OperationRecord } from '@iothub-dm/protocol'
import type { Clock } from '../connection/clock.ts'
import type { HubConnection, HubConnectionListener } from '../connection/hub-connection.ts'
import type { Implementation } from '../implementation/implement.ts'
import type { FileSystem } from '../journal/file-system.ts'
import type { ProcessTable } from '../journal/process-table.ts'
import type { DeviceAgentOptions } from './device-agent-options.ts'

/** What `AgentRuntime.start` is given. */
export interface AgentRuntimeOptions {
  readonly implementation: Implementation
  readonly options: DeviceAgentOptions
  readonly bootId: string
  readonly connect: (listener: HubConnectionListener) => HubConnection
  readonly clock: Clock
  /** @default the file system of this machine */
  readonly fileSystem?: FileSystem | undefined
  /** @default the processes of this machine */
  readonly processes?: ProcessTable | undefined
  readonly onConnected: () => void
  readonly onDisconnected: (reason: Error) => void
  readonly onConnectFailed?: ((reason: Error, retryInMs: number) => void) | undefined
  readonly onOperation: (action: string, record: OperationRecord) => void
  readonly onConfiguration?:
    | ((name: string, acknowledgement: ConfigurationAcknowledgement | undefined) => void)
    | undefined
  readonly onError: (error: unknown) => void
}
