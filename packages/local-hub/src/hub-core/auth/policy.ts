import { DurableState } from '../durable/durable-state.ts'
import type { DurableTable } from '../durable/durable-table.ts'
import { JsonReader } from '../durable/read-json.ts'
import { generateKeyPair, type SymmetricKeyPair } from '../identity/symmetric-key.ts'
import { readKeyPair } from '../identity/symmetric-key-codec.ts'
import type { JsonValue } from '../json/json.ts'
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

/** The five built-in policies of a hub, with fresh keys or those of its former life. */
export class Policies implements DurableTable {
  readonly #policies: Map<string, Policy>

  constructor(random: RandomSource, durable: DurableState = new DurableState()) {
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
    durable.register('policies', this)
  }

  *encoded(): Generator<readonly [key: string, value: JsonValue]> {
    for (const { name, keys } of this.#policies.values()) yield [name, { ...keys }]
  }

  restore(name: string, value: JsonValue): void {
    const policy = this.#policies.get(name)
    if (policy === undefined) throw new TypeError('there is no such policy')
    this.#policies.set(name, { ...policy, keys: readKeyPair(new JsonReader(value)) })
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
