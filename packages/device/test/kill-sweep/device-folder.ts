/** How the program ends when it restarts the device. */
export const restartExitCode = 64

/** Where things are below the folder of a run. */
export const names = { state: 'state', hub: 'hub.json', effects: 'effects', device: 'device' } as const
