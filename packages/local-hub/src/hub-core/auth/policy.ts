import { generateKeyPair, type SymmetricKeyPair } from '../identity/symmetric-key.ts'
import type { RandomSource } from '../random-source.ts'

/** What a policy may do (wire reference 2.3). */
export type Permission = 'RegistryRead' | 'RegistryWrite' | 'ServiceConnect' | 'DeviceConnect'

/** The name of a built-in shared access policy. */
export type PolicyName = 'iothubowner' | 'service' | 'device' | 'registryRead' | 'registryReadWrite'

const permissionsByPolicy: Readonly<Record<PolicyName, readonly Permission[]>> = {
  iothubowner: ['RegistryRead', 'RegistryWrite', 'ServiceConnect', 'DeviceConnect'],
  service: ['ServiceConnect'],
  device: ['DeviceConnect'],
  registryRead: ['RegistryRead'],
  registryReadWrite: ['RegistryRead', 'RegistryWrite'],
}

/** A shared access policy with its keys. */
export interface Policy {
  readonly name: PolicyName
  readonly permissions: readonly Permission[]
  readonly keys: SymmetricKeyPair
}

/** The five built-in policies of a hub, with fresh keys. */
export class Policies {
  readonly #policies: ReadonlyMap<string, Policy>

  constructor(random: RandomSource) {
    const policy = (name: PolicyName): Policy => ({
      name,
      permissions: permissionsByPolicy[name],
      keys: generateKeyPair(random),
    })
    const all = [
      policy('iothubowner'),
      policy('service'),
      policy('device'),
      policy('registryRead'),
      policy('registryReadWrite'),
    ]
    this.#policies = new Map(all.map(each => [each.name, each]))
  }

  find(name: string): Policy | undefined {
    return this.#policies.get(name)
  }

  /** @throws RangeError when there is no such policy. */
  get(name: PolicyName): Policy {
    const policy = this.#policies.get(name)
    if (policy === undefined) {
      throw new RangeError(`policy: expected one of ${[...this.#policies.keys()].join(', ')}, got '${name}'`)
    }
    return policy
  }
}
