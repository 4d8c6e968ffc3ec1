// Uses the built packages as a stranger would: one program, as ES module and as CommonJS, executed against a local hub, and
// type-checked in every way in which people resolve modules, by the compiler of yesterday and of today.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const imports = `
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineContract, isIotHubDmError, method, reboot } from '@iothub-dm/protocol'
import { DeviceAgent, implement, StepInterruptedError } from '@iothub-dm/device'
import { chooseSlot, createSlots } from '@iothub-dm/device/launcher'
import { publicKeyOf } from '@iothub-dm/device/signing'
import { crashKit } from '@iothub-dm/device/testing'
import { FleetClient } from '@iothub-dm/service'
import { rehearse } from '@iothub-dm/service/testing'
import { startLocalHub } from '@iothub-dm/local-hub'
import { array, number, object, string } from 'valibot'
`

const program = `
const contract = defineContract({
  methods: { getLogs: method({ request: object({ lines: number() }), response: array(string()) }) },
  actions: { reboot },
})

async function main() {
  const hub = await startLocalHub()
  const implementation = implement(contract, {
    methods: { getLogs: ({ lines }) => Array.from({ length: lines }, (_, line) => String(line)) },
    actions: { reboot: op => op.restart(() => {}) },
  })
  const agent = DeviceAgent.fromConnectionString(await hub.createDevice('d1'), implementation, {
    stateDirectory: mkdtempSync(join(tmpdir(), 'formats-')),
    bootId: 'boot-1',
    endpoint: hub.mqttEndpoint,
    ca: hub.caCertificate,
  })
  agent.on('operation', change => change.record.state)
  agent.on('disconnected', reason => reason.message)
  await agent.open()
  const fleet = FleetClient.fromConnectionString(hub.connectionString(), contract, {
    endpoint: hub.httpsEndpoint,
    ca: hub.caCertificate,
  })
  const lines = await fleet.getDeviceClient('d1').methods.getLogs.invoke({ lines: 3 })
  if (lines.join() !== '0,1,2') throw new Error('unexpected answer')
  const error = await fleet.getDeviceClient('d2').methods.getLogs.invoke({ lines: 3 }).catch(reason => reason)
  if (!isIotHubDmError(error, 'DeviceNotFound')) throw error
  await fleet.close()
  await agent.close()
  await hub.close()

  const slots = join(mkdtempSync(join(tmpdir(), 'formats-')), 'slots')
  await createSlots(slots, { version: '1.0.0', file: 'package.json' })
  if ((await chooseSlot(slots)).slot !== 'a') throw new Error('unexpected slot')
  publicKeyOf({ kid: 'release', privateKey: generateKeyPairSync('ed25519').privateKey })

  const kit = crashKit({
    action: contract.actions.reboot,
    handler: device => async op => {
      const flushed = op.step('flush', () => device.atMostOnce('flush'), { repeat: 'never' })
      await flushed.catch(error => {
        if (!(error instanceof StepInterruptedError)) throw error
      })
      await op.restart(() => device.restart())
    },
    check: run => {
      if (run.record?.error?.code === 'HandlerFailed') throw run.record.error
    },
  })
  const report = await kit.sweep({ pairs: false })
  if (report.violations.length > 0) throw new Error(report.text)

  const { startedDevices } = await rehearse({ pace: { startsPerMinute: 600 } }, { devices: 20, operationInMs: [1_000, 2_000] })
  if (startedDevices !== 20) throw new Error('unexpected rehearsal')
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
`

/** Only compiled: each line must be an error. If the types of the events were lost, none would be. */
const misuse = `
declare const someAgent: DeviceAgent
// @ts-expect-error - there is no such event
someAgent.on('conected', () => {})
// @ts-expect-error - the record is no string
someAgent.on('operation', change => { const text: string = change.record; return text })
`

const directory = join('test', 'node_modules', '.cache', 'formats')
rmSync(directory, { recursive: true, force: true })
mkdirSync(directory, { recursive: true })
const write = (name, content) => writeFileSync(join(directory, name), content)

const required = imports.replaceAll(/import (\{.*\}) from ('.*')/g, 'const $1 = require($2)')
write('run.mjs', imports + program)
write('run.cjs', required + program)
write('types.mts', imports + program + misuse)
write('types.cts', imports + program + misuse)
write('types.ts', imports + program + misuse)
const compilerOptions = {
  noEmit: true,
  strict: true,
  target: 'ES2022',
  lib: ['ES2023', 'ESNext.Disposable'],
  types: ['node'],
}
const project = (name, options, files) =>
  write(name, JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files }))
project('nodenext.json', { module: 'NodeNext', moduleResolution: 'NodeNext', skipLibCheck: true }, [
  'types.mts',
  'types.cts',
])
project('bundler.json', { module: 'ESNext', moduleResolution: 'bundler', skipLibCheck: true }, ['types.ts'])

const compilers = ['typescript', 'typescript-native']
const resolutions = ['nodenext', 'bundler']
const runs = [
  { name: 'ES module', args: [join(directory, 'run.mjs')] },
  { name: 'CommonJS', args: [join(directory, 'run.cjs')] },
  ...compilers.flatMap(compiler =>
    resolutions.map(resolution => ({
      name: `${resolution} by ${compiler}`,
      args: [`node_modules/${compiler}/bin/tsc`, '--project', join(directory, `${resolution}.json`)],
    })),
  ),
]
for (const { name, args } of runs) {
  const { status, stdout, stderr } = spawnSync('node', args, { encoding: 'utf8', timeout: 60_000 })
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`)
  if (status !== 0) {
    console.log(stdout, stderr)
    process.exitCode = 1
  }
}
