import { once } from 'node:events'
import { isIotHubDmError } from '@iothub-dm/protocol'
import { FleetClient } from '@iothub-dm/service'
import { clock } from './schema-libraries.ts'

/** A back end, run as a program: waits for an operation in every way, gives up on all of them, and closes nothing. */
const { connectionString, serialized, ...options } = JSON.parse(process.env.BACK_END ?? '{}')
const fleet = FleetClient.fromConnectionString(connectionString, clock, options)

const operation = await fleet.actions.adjustByZod.attach(serialized)
for await (const { state } of operation) if (state === 'running') break

const ignore = () => {}
operation.on('progress', ignore).on('done', ignore)
const timedOut: unknown = await operation.result({ timeoutInMs: 50 }).catch((error: unknown) => error)
if (!isIotHubDmError(timedOut, 'WaitTimeout')) throw timedOut
const abort = new AbortController()
const aborted = operation.result({ abortSignal: abort.signal }).catch(ignore)
const event = once(operation, 'done', { signal: abort.signal }).catch(ignore)
abort.abort()
await Promise.all([aborted, event])
operation.removeAllListeners()

process.stdout.write('left')
