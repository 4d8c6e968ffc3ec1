import { createHash } from 'node:crypto'

const steps = 2 ** 48

/**
 * Where a device stands in the order of a rollout: a number in [0, 1), evenly spread, the same in every process. Waves are cut
 * from this line, so that a wave is a random sample of the fleet and not one batch of the factory, and a device that joins late
 * has its place as well.
 *
 * @param salt of the rollout, so that it is not always the same devices that go first
 */
export function cohortOf(deviceId: string, salt: string): number {
  const digest = createHash('sha256').update(`${salt}\0${deviceId}`).digest()
  return digest.readUIntBE(0, 6) / steps
}
