import { defineContract, factoryReset, firmwareUpdate, type JsonObject, reboot } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { camera } from '../../test/camera.ts'
import { recordOf, reporting } from '../../test/reporting.ts'
import { simulateFleet } from '../../test/simulated-fleet.ts'

const t1 = '2017-01-31T12:00:00.000Z'
const t2 = '2017-01-31T12:01:00.000Z'

/** The section of automatic device management, in the first steps of the tutorial. */
const section = {
  currentFwVersion: '1.0.0',
  pendingFwVersion: '2.8.5',
  lastFwUpdateStartTime: t1,
  lastFwUpdateEndTime: '',
}

function firmware(fwUpdateStatus: string, fwUpdateSubstatus: string, more: JsonObject = {}): JsonObject {
  return { firmware: { ...section, fwUpdateStatus, fwUpdateSubstatus, ...more } }
}

function adm(status: string, detail: string) {
  return { variant: 'automatic-device-management', status, detail, version: '1.0.0', startedTime: t1 }
}

function legacy(members: JsonObject): JsonObject {
  return { iothubDM: { firmwareUpdate: members } }
}

type ActionName = 'reboot' | 'firmwareUpdate' | 'factoryReset'

/** Everything that Microsoft's pages and samples report about actions, by page, and what becomes of it. */
const published: readonly (readonly [page: string, action: ActionName, reported: JsonObject, report: object])[] = [
  // Reboot (get started with device management, by language; samples of the SDKs; Azure Sphere).
  [
    'Node tutorial',
    'reboot',
    { iothubDM: { reboot: { lastReboot: t1 } } },
    { variant: 'node-tutorial', startedTime: t1 },
  ],
  [
    'Node SDK sample',
    'reboot',
    { iothubDM: { reboot: { startedRebootTime: t1 } } },
    { variant: 'node-sample', startedTime: t1 },
  ],
  [
    '.NET how-to',
    'reboot',
    { iothubDM: { reboot: { lastReboot: '2024-10-01T08:00:00.1234567Z' } } },
    { variant: 'node-tutorial', startedTime: '2024-10-01T08:00:00.1234567Z' },
  ],
  [
    'Java tutorial',
    'reboot',
    { lastReboot: '2017-01-31T12:00' },
    { variant: 'java', finishedTime: '2017-01-31T12:00' },
  ],
  [
    'Python tutorial',
    'reboot',
    { rebootTime: '2017-01-31 12:00:00.123456' },
    { variant: 'python', finishedTime: '2017-01-31 12:00:00.123456' },
  ],
  ['Azure Sphere unit', 'reboot', { ReportedRestartUTC: t1 }, { variant: 'azure-sphere', finishedTime: t1 }],
  [
    'Azure Sphere unit, Plug and Play',
    'reboot',
    { ReportedRestartUTC: { value: t1, ac: 200, av: 1 } },
    { variant: 'azure-sphere', finishedTime: t1 },
  ],
  // Firmware update by direct method: the tutorial of 2017.
  ...(
    [
      ['waiting', 'current', { startedWaitingTime: t1 }, { startedTime: t1 }],
      ['downloading', 'downloading', { startedWaitingTime: t1 }, { startedTime: t1 }],
      ['downloadComplete', 'downloading', { startedWaitingTime: t1, downloadCompleteTime: t2 }, { startedTime: t1 }],
      ['downloadfailed', 'error', { startedWaitingTime: t1 }, { startedTime: t1 }],
      ['applying', 'applying', { startedApplyingImage: t2 }, { startedTime: t2 }],
      ['applyComplete', 'current', { lastFirmwareUpdate: t2 }, { finishedTime: t2 }],
      ['applyFailed', 'error', {}, {}],
    ] as const
  ).map(
    ([word, status, members, times]) =>
      [
        `firmware tutorial of 2017, ${word}`,
        'firmwareUpdate',
        legacy({ fwPackageUri: 'https://secureurl', status: word, error: null, ...members }),
        { variant: 'tutorial-2017', status, detail: word, ...times },
      ] as const,
  ),
  // The same of the samples of the Node SDK, which write the words differently.
  ...(
    [
      ['downloading', 'downloading', { startedDownloadingTime: t1 }, { startedTime: t1 }],
      ['download complete', 'downloading', { startedDownloadingTime: t1 }, { startedTime: t1 }],
      ['Download image failed', 'error', { startedDownloadingTime: t1 }, { startedTime: t1 }],
      ['applying', 'applying', { startedDownloadingTime: t1, startedApplyingImage: t2 }, { startedTime: t1 }],
      [
        'apply firmware image complete',
        'current',
        { startedDownloadingTime: t1, lastFirmwareUpdate: t2 },
        { startedTime: t1, finishedTime: t2 },
      ],
      ['Apply image failed', 'error', { startedDownloadingTime: t1 }, { startedTime: t1 }],
    ] as const
  ).map(
    ([word, status, members, times]) =>
      [
        `firmware sample of the Node SDK, ${word}`,
        'firmwareUpdate',
        legacy({ status: word, ...members }),
        { variant: 'node-sample', status, detail: word, ...times },
      ] as const,
  ),
  // Firmware update by automatic device management, step by step.
  ...(
    [
      ['downloading', 'Start downloading'],
      ['downloading', 'Finished downloading'],
      ['verifying', 'Start verifying download'],
      ['applying', 'Finished applying image'],
      ['rebooting', 'Start reboot'],
      ['error', 'Insecure package URI'],
      ['rolledback', 'Rolled back to: 1.0.0'],
      ['current', 'Firmware update already running'],
    ] as const
  ).map(
    ([status, detail]) =>
      [`firmware tutorial, ${detail}`, 'firmwareUpdate', firmware(status, detail), adm(status, detail)] as const,
  ),
  [
    'firmware tutorial, at start',
    'firmwareUpdate',
    firmware('current', '', { pendingFwVersion: '', lastFwUpdateStartTime: '' }),
    { variant: 'automatic-device-management', status: 'current', version: '1.0.0' },
  ],
  [
    'firmware tutorial, done',
    'firmwareUpdate',
    firmware('current', '', { currentFwVersion: '2.8.5', pendingFwVersion: '', lastFwUpdateEndTime: t2 }),
    { variant: 'automatic-device-management', status: 'current', version: '2.8.5', startedTime: t1, finishedTime: t2 },
  ],
]

const documented = defineContract({ actions: { reboot, factoryReset, firmwareUpdate } })

describe('what devices with other software have reported', () => {
  it.each(published)('is read as the %s has it', async (_, action, reported, report) => {
    const { cam1, hub } = simulateFleet(documented)
    hub.reported = { ...reported, $version: 2 }
    await expect(cam1.actions[action].latest()).resolves.toEqual({ kind: 'published', report })
    const { [action]: one, ...others } = await cam1.operations()
    expect(one).toEqual({ kind: 'published', report })
    expect(Object.values(others)).toEqual([undefined, undefined])
  })

  it('is nothing for a factory reset: no page names any property', async () => {
    const { cam1, hub } = simulateFleet(documented)
    hub.reported = { lastFactoryReset: t1, iothubDM: { factoryReset: { lastFactoryReset: t1 } } }
    await expect(cam1.actions.factoryReset.latest()).resolves.toBeUndefined()
  })
})

describe('operations', () => {
  it('has the newest of every action, from one read', async () => {
    const { cam1, hub } = simulateFleet()
    const members = { operationId: 'op-1', state: 'succeeded', result: { at: '2026-01-01T00:00:00.000Z' } } as const
    hub.reported = { ...reporting('survey', members), lastReboot: t1 }
    const { survey, calibrate, reboot: rebooted } = await cam1.operations({ timeoutInMs: 5_000 })
    if (survey?.kind !== 'operation') throw new Error('expected an operation')
    expect(survey.record.result?.at.getTime()).toBe(Date.UTC(2026, 0, 1))
    expect(survey.record).toEqual({
      ...recordOf({ operationId: 'op-1', state: 'succeeded' }),
      result: survey.record.result,
    })
    expect(calibrate).toBeUndefined()
    expect(rebooted).toEqual({ kind: 'published', report: { variant: 'java', finishedTime: t1 } })
    expect(hub.reads).toMatchObject([{ deviceId: 'cam-1', options: { timeoutInMs: 5_000 } }])
  })

  it('has a member for each action', async () => {
    const { cam1 } = simulateFleet()
    expect(Object.keys(await cam1.operations())).toEqual(Object.keys(camera.actions))
  })
})
