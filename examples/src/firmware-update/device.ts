// The firmware of the camera: one program, one file, that can replace itself. `build-image.ts` makes an image of it for each version.
import { join } from 'node:path'
import { DeviceAgent, firmwareUpdateWith, imageDownloader, implement, slots } from '@iothub-dm/device'
import { imageServerHost } from '../support/image-server-host.ts'
import { camera } from './contract.ts'
import { readCameraEnvironment, restartExitCode } from './device-environment.ts'
import { release } from './release.ts'

async function main(): Promise<void> {
  if (release.defect === 'crash') throw new Error(`version ${release.version} crashes when it starts`)
  const { connectionString, hub, stateDirectory, slotsDirectory, bootId, imageServerCa } = readCameraEnvironment(
    process.env,
  )

  const target = slots(slotsDirectory, {
    version: release.version,
    restart: () => process.exit(restartExitCode), // on a real device: exec('systemctl reboot')
    // A version is well when it reaches the hub: only then can it be replaced again.
    confirm: async () => {
      await connected
      if (release.defect === 'unhealthy') throw new Error(`version ${release.version} sees nothing`)
    },
  })
  const implementation = implement(camera, {
    methods: { getVersion: () => release.version },
    actions: {
      firmwareUpdate: firmwareUpdateWith(target, {
        directory: join(stateDirectory, 'firmware'),
        trust: { keySet: release.keySet },
        device: { model: 'camera' },
        download: imageDownloader({ ca: imageServerCa, privateHosts: [imageServerHost] }),
        onError: error => console.error(String(error)),
      }),
    },
  })

  const agent = DeviceAgent.fromConnectionString(connectionString, implementation, {
    ...hub,
    stateDirectory,
    bootId,
    progressIntervalInMs: 200,
  })
  agent.on('error', error => console.error(String(error)))
  agent.on('operation', ({ record }) => process.send?.({ type: 'operation', phase: record.status }))
  const connected = new Promise<void>(resolve => agent.once('connected', () => resolve()))
  void connected.then(() => process.send?.({ type: 'connected', version: release.version }))
  await agent.open()
  process.once('SIGTERM', () => {
    void agent.close().finally(() => process.exit())
  })
}

main().catch(error => {
  console.error(String(error))
  process.exit(1)
})
