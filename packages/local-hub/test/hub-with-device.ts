import { type Clock, type LocalHub, startLocalHub } from '../src/index.ts'

/** A running hub that knows the device `d1`. */
export async function hubWithDevice(clock?: Clock): Promise<LocalHub> {
  const hub = await startLocalHub({ clock })
  await hub.createDevice('d1')
  return hub
}
