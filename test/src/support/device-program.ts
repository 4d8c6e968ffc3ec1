import { noteInBlackBox } from './black-box.ts'
import { settings } from './device-settings.ts'
import { killAtJournalCalls } from './kill-at-journal-call.ts'

/** The test device, run as a program under a `SupervisedDevice`. */
process.on('disconnect', () => process.exit()) // whoever started it is gone
noteInBlackBox(settings.blackBox, { type: 'started', bootId: settings.bootId })
killAtJournalCalls(settings)
// Only now: the agent must meet the file system as it was made above.
const { openCameraAgent } = await import('./camera-agent.ts')
await openCameraAgent(settings)
