import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { HubError } from '../hub-core/error/hub-error.ts'
import type { LocalHub } from '../local-hub.ts'
import { clientGuide } from './client-guide.ts'
import type { StartOptions } from './command-line.ts'
import { escapeText } from './escape-text.ts'
import { eventLine } from './event-line.ts'
import { startOnStandardPorts } from './hub-ports.ts'
import { print } from './print.ts'

/** Runs a hub until the process is told to stop, by SIGINT or SIGTERM. */
export async function runStart(options: StartOptions): Promise<void> {
  const stopped = stopSignal()
  const { hub, notice } = await startOnStandardPorts(options)
  try {
    if (options.verbose) hub.subscribe(event => print(eventLine(event, Date.now())))
    for (const file of options.deviceCaFiles) await trustAuthority(hub, file)
    for (const deviceId of options.deviceIds) await createUnlessThere(hub, deviceId)
    const caFile = await writeCaFile(hub, options)
    print(`The hub ${escapeText(hub.hostName)} is running${options.data === undefined ? ', in memory only' : ''}.`)
    if (notice !== undefined) print(notice)
    if (options.host !== undefined) print('It can be reached from other machines: its keys are all that protects it.')
    print(clientGuide({ hub, caFile, deviceIds: options.deviceIds, redirectFile: redirectFile() }))
    print('Ready. Ctrl+C stops it.')
    await stopped
  } finally {
    await hub.close()
  }
}

function stopSignal(): Promise<void> {
  return new Promise(stop => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop())
  })
}

async function trustAuthority(hub: LocalHub, file: string): Promise<void> {
  try {
    await hub.addCertificateAuthority(await readFile(file, 'utf8'))
  } catch (error) {
    throw new Error(`--device-ca ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

async function createUnlessThere(hub: LocalHub, deviceId: string): Promise<void> {
  try {
    await hub.createDevice(deviceId)
  } catch (error) {
    if (!(error instanceof HubError && error.code === 'DeviceAlreadyExists')) throw error
  }
}

async function writeCaFile(hub: LocalHub, { data, caFile }: StartOptions): Promise<string> {
  if (caFile === undefined && data !== undefined) return resolve(data, 'ca.pem')
  const path = resolve(caFile ?? 'iothub-local-ca.pem')
  await writeFile(path, hub.caCertificate)
  return path
}

/** The CommonJS build: `--require` takes no other. */
function redirectFile(): string {
  return createRequire(import.meta.url).resolve('@iothub-dm/local-hub/redirect')
}
