import { noteInBlackBox, readBlackBox } from './black-box.ts'
import type { DeviceMessage, ReleaseMessage } from './device-messages.ts'
import { settings } from './device-settings.ts'

/** Tells the supervisor. */
export function tell(message: DeviceMessage): void {
  process.send?.(message)
}

/**
 * Stops the handler here, if the gate is closed, until the supervisor releases it. From then on it stays open, in later lives too.
 *
 * @param signal ends the wait with its reason
 */
export function passGate(gate: string, signal?: AbortSignal): Promise<void> {
  if (settings.gates?.includes(gate) !== true || isOpen(gate)) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const onMessage = (message: ReleaseMessage): void => {
      if (message.gate !== gate) return
      process.off('message', onMessage)
      noteInBlackBox(settings.blackBox, { type: 'released', gate })
      resolve()
    }
    process.on('message', onMessage)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    tell({ type: 'reached', gate })
  })
}

function isOpen(gate: string): boolean {
  return readBlackBox(settings.blackBox).some(entry => entry.type === 'released' && entry.gate === gate)
}
