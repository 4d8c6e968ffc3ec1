import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import azureDevice from 'azure-iot-device'
import azureService from 'azure-iothub'
import { expect, it } from 'vitest'

const folders = [import.meta.dirname, join(import.meta.dirname, '../support')]

const registry = azureService.Registry.fromConnectionString('HostName=h;SharedAccessKeyName=n;SharedAccessKey=a2V5')

/** Every class of the official clients that a program calls. */
const classes = {
  Registry: azureService.Registry,
  Client: azureService.Client,
  JobClient: azureService.JobClient,
  DigitalTwinClient: azureService.DigitalTwinClient,
  ServiceTwin: azureService.Twin,
  Query: registry.createQuery('SELECT * FROM devices').constructor,
  DeviceClient: azureDevice.Client,
  InternalClient: Object.getPrototypeOf(azureDevice.Client),
  ModuleClient: azureDevice.ModuleClient,
  DeviceTwin: azureDevice.Twin,
}

/** What is public by accident: clients call it themselves. */
const internal = new Set(['enableTwinDesiredPropertiesUpdates', 'validateEnvironment', 'toJSON'])

function isPublicCall(owner: object, name: string): boolean {
  const isFunction = typeof Object.getOwnPropertyDescriptor(owner, name)?.value === 'function'
  return isFunction && name !== 'constructor' && !name.startsWith('_') && !internal.has(name)
}

function publicCallsOf(value: unknown): readonly string[] {
  if (typeof value !== 'function') return []
  return [value, value.prototype].flatMap((owner: object) =>
    Object.getOwnPropertyNames(owner).filter(name => isPublicCall(owner, name)),
  )
}

async function readTests(): Promise<string> {
  const paths = await Promise.all(folders.map(async folder => (await readdir(folder)).map(name => join(folder, name))))
  const sources = paths.flat().filter(path => path.endsWith('.ts') && !path.includes('coverage'))
  return (await Promise.all(sources.map(path => readFile(path, 'utf8')))).join('\n')
}

// So that a new version of a client does not bring calls that nobody has tried.
it.each(Object.entries(classes))(
  'every public call of the official %s is made in a test here',
  async (_name, value) => {
    const tests = await readTests()
    const calls = publicCallsOf(value)
    expect(calls.length).toBeGreaterThan(0)
    expect(calls.filter(name => !tests.includes(`.${name}(`))).toEqual([])
  },
)
