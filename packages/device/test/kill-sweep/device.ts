/**
 * Test support, run as a program: one life of a device. It is killed by itself at a point, restarts the device by its exit
 * code, or ends with 0 when all that it was asked for is over and reported. Prints the points that it passed, as JSON.
 *
 * Arguments: name of the pattern, folder, boot id, point to die at (0: none).
 */
import { appendFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isIotHubDmError } from '@iothub-dm/protocol'
import { AgentRuntime } from '../../src/agent/agent-runtime.ts'
import { systemClock } from '../../src/connection/clock.ts'
import type { HubConnectionListener } from '../../src/connection/hub-connection.ts'
import { nodeFileSystem } from '../../src/journal/node-file-system.ts'
import { CrashPoints } from './crash-points.ts'
import { names, restartExitCode } from './device-folder.ts'
import { FileHub, readReported } from './file-hub.ts'
import { killingFileSystem } from './killing-file-system.ts'
import { patternOf } from './patterns/patterns.ts'

/** A program that comes back in the same boot, or is cut off in a handler; a wipe that takes the journal away from under the agent. */
const expectedErrors = ['RestartNotObserved', 'OperationInterrupted', 'PersistenceFailed'] as const

const [name = '', folder = '', bootId = '', killAt = '0'] = process.argv.slice(2)
const pattern = patternOf(name)
const hubFile = join(folder, names.hub)
const stateDirectory = join(folder, names.state)
const points = new CrashPoints(Number(killAt))
let closing = false
let listener: HubConnectionListener | undefined

const runtime = await AgentRuntime.start({
  implementation: pattern.implementation({
    folder: join(folder, names.device),
    stateDirectory,
    bootId,
    effect(effectName, attempt = 0) {
      points.reach(`effect ${effectName}`)
      appendFileSync(join(folder, names.effects), `${JSON.stringify({ name: effectName, attempt })}\n`)
    },
    restart: () => leave(restartExitCode),
  }),
  options: { stateDirectory },
  bootId,
  clock: systemClock,
  fileSystem: killingFileSystem(nodeFileSystem, points),
  connect: told => {
    listener = told
    return new FileHub({
      path: hubFile,
      listener: told,
      points,
      desired: pattern.desired,
      onSettled: () => {
        if (!closing && pattern.isOver(readReported(hubFile))) void end()
      },
    })
  },
  onConnected: () => {},
  onDisconnected: () => {},
  onOperation: () => {},
  onError: error => {
    if (!expectedErrors.some(code => isIotHubDmError(error, code))) fail(error)
  },
})
await runtime.connect(undefined)
await pattern
  .ask(async (methodName, payload) => {
    const bytes = new TextEncoder().encode(JSON.stringify(payload))
    if (listener === undefined) throw new TypeError('not connected')
    return listener.onMethod({ methodName, requestId: '1', payload: bytes })
  })
  .catch(fail)

async function end(): Promise<void> {
  closing = true
  await runtime.close()
  leave(0)
}

function leave(code: number): never {
  writeSync(1, JSON.stringify(points.passed))
  process.exit(code)
}

function fail(error: unknown): never {
  writeSync(2, error instanceof Error ? `${error.stack}` : String(error))
  process.exit(1)
}
