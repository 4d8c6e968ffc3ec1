import { type Contract, isJsonObject } from '@iothub-dm/protocol'
import type { DeviceClient } from '../src/fleet/device-client.ts'
import { FleetClient } from '../src/fleet/fleet-client.ts'
import { TwinReadTracker } from '../src/tracking/twin-read-tracker.ts'
import { camera } from './camera.ts'
import { SimulatedHub } from './simulated-hub.ts'
import { VirtualClock } from './virtual-clock.ts'

/** Time between two reads. */
export const intervalInMs = 1_000

/** A fleet client on a simulated hub and a virtual clock; operations get the ids op-1, op-2 ... */
export interface SimulatedFleet<TContract extends Contract = typeof camera> {
  readonly clock: VirtualClock
  readonly hub: SimulatedHub
  readonly fleet: FleetClient<TContract>
  readonly cam1: DeviceClient<TContract>
}

/** Makes a {@link SimulatedFleet} whose device accepts every action, and answers every method with nothing. */
export function simulateFleet(): SimulatedFleet
export function simulateFleet<TContract extends Contract>(contract: TContract): SimulatedFleet<TContract>
export function simulateFleet(contract: Contract = camera): SimulatedFleet<Contract> {
  const clock = new VirtualClock()
  const hub = new SimulatedHub(clock)
  const tracker = new TwinReadTracker(hub, clock, () => intervalInMs)
  let operations = 0
  const newId = () => {
    operations += 1
    return `op-${operations}`
  }
  hub.onCall = ({ payload }) => {
    const operationId = isJsonObject(payload) ? payload.operationId : undefined
    return operationId === undefined
      ? { status: 200, payload: null }
      : { status: 202, payload: { operationId, state: 'accepted' } }
  }
  const fleet = new FleetClient(contract, { hub, tracker, clock, newId, random: () => 0.5 })
  return { clock, hub, fleet, cam1: fleet.getDeviceClient('cam-1') }
}
