/**
 * Test support, run as a program: one life of a device. It is killed by itself at a point, restarts the device by its exit
 * code, or ends with 0 when its operation is over and reported. Prints how many points it passed.
 *
 * Arguments: folder, boot id, point to die at (0: none).
 */
import { appendFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import {
  isIotHubDmError,
  isOperationState,
  isTerminalState,
  type JsonValue,
  operationSection,
} from '@iothub-dm/protocol'
import { AgentRuntime } from '../../src/agent/agent-runtime.ts'
import { systemClock } from '../../src/connection/clock.ts'
import type { HubConnectionListener } from '../../src/connection/hub-connection.ts'
import { implement } from '../../src/implementation/implement.ts'
import { nodeFileSystem } from '../../src/journal/node-file-system.ts'
import { FileHub, readReported } from './file-hub.ts'
import { killingFileSystem } from './killing-file-system.ts'
import { contract, names, operationId, restartExitCode } from './scenario.ts'

const [folder = '', bootId = '', killAt = '0'] = process.argv.slice(2)
const hubFile = join(folder, names.hub)
let points = 0
let closing = false
let listener: HubConnectionListener | undefined

const runtime = await AgentRuntime.start({
  implementation: implement(contract, {
    actions: {
      work: async op => {
        op.phase('before')
        const first = await op.step('first', ({ attempt }) => effect('first', attempt))
        await op.restart(() => {
          effect('restart', op.attempt)
          leave(restartExitCode)
        })
        op.phase('after')
        const second = await op.step('second', ({ attempt }) => effect('second', attempt))
        return { first, second }
      },
    },
  }),
  options: { stateDirectory: join(folder, names.state) },
  bootId,
  clock: systemClock,
  fileSystem: killingFileSystem(nodeFileSystem, Number(killAt), point => {
    points = point
  }),
  connect: told => {
    listener = told
    return new FileHub(hubFile, told, endWhenOver)
  },
  onConnected: () => {},
  onDisconnected: () => {},
  onOperation: () => {},
  onError: error => {
    // the promised end of a process that comes back in the same boot
    if (!isIotHubDmError(error, 'RestartNotObserved')) fail(error)
  },
})
await runtime.connect(undefined)
// The back end asks in every life: it cannot know whether its request has arrived.
const payload = new TextEncoder().encode(JSON.stringify({ operationId }))
const answer = await listener?.onMethod({ methodName: 'work', requestId: '1', payload })
if (answer?.status !== 200 && answer?.status !== 202) fail(JSON.stringify(answer))

/** What a step does to the world, once for each line. */
function effect(name: string, attempt: number): string {
  appendFileSync(join(folder, names.effects), `${name} ${attempt} ${bootId}\n`)
  return `${name} done`
}

function endWhenOver(): void {
  const { state } = operationSection(readReported(hubFile), 'work')
  if (!closing && isTerminal(state)) void end()
}

async function end(): Promise<void> {
  closing = true
  await runtime.close()
  leave(0)
}

function isTerminal(state: JsonValue | undefined): boolean {
  return isOperationState(state) && isTerminalState(state)
}

function leave(code: number): never {
  writeSync(1, String(points))
  process.exit(code)
}

function fail(error: unknown): never {
  writeSync(2, error instanceof Error ? `${error.stack}` : String(error))
  process.exit(1)
}
