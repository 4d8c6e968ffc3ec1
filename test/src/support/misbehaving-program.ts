import { DeviceAgent, implement } from '@iothub-dm/device'
import { settings } from './device-settings.ts'
import { crashExitCode, misbehaving } from './misbehaving-contract.ts'

/** A device whose handlers misbehave, run as a program. Prints the codes of the errors that the agent tells. */
process.on('disconnect', () => process.exit()) // whoever started it is gone

function exit(): never {
  process.exit(crashExitCode)
}

const megabytesOf = (megabytes: number) => 'x'.repeat(megabytes * 1024 * 1024)

const implementation = implement(misbehaving, {
  methods: {
    ping: () => 'pong',
    exit,
    block({ milliseconds }) {
      const end = performance.now() + milliseconds
      while (performance.now() < end);
      return 'done'
    },
    huge: ({ megabytes }) => megabytesOf(megabytes),
  },
  actions: { crash: exit, hoard: op => megabytesOf(op.request.megabytes) },
})

const { connectionString, ca, stateDirectory, bootId } = settings
const agent = DeviceAgent.fromConnectionString(connectionString, implementation, {
  ca,
  stateDirectory,
  bootId,
  reconnect: { firstDelayInMs: 20, baseDelayInMs: 100, maxDelayInMs: 500 },
})
agent.on('error', error => {
  process.stdout.write(`${error instanceof Error ? error.message : 'no error'}\n`)
})
agent.on('connected', () => process.send?.({ type: 'connected' }))
await agent.open()
