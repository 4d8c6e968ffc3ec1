import {
  type ConfigurationAcknowledgement,
  createMergePatch,
  encodeAcknowledgement,
  type JsonObject,
  sameJson,
} from '@iothub-dm/protocol'
import type { ReportedPart } from './reported-part.ts'

/**
 * The configurations in the reported properties: the acknowledgement of each, in the section of its name.
 *
 * @param acknowledgements by configuration; undefined: nothing of it is to be reported
 */
export function configurationsPart(
  acknowledgements: () => ReadonlyMap<string, ConfigurationAcknowledgement | undefined>,
): ReportedPart {
  return {
    draft(reported) {
      const wanted = [...acknowledgements()]
      const full = wanted.map(([name, one]) => {
        const reduced = encode(withoutValue(one))
        // What the hub has refused once, in this life or an earlier one, is not sent again.
        return [name, sameJson(reported[name], reduced) ? reduced : encode(one)] as const
      })
      const reduced = wanted.map(([name, one]) => [name, encode(withoutValue(one))] as const)
      const patches = [full, reduced].map(some =>
        createMergePatch(reported, { ...reported, ...Object.fromEntries(some) }),
      )
      return { patches, confirm: async () => {} }
    },
  }
}

function encode(acknowledgement: ConfigurationAcknowledgement | undefined): JsonObject | undefined {
  return acknowledgement === undefined ? undefined : encodeAcknowledgement(acknowledgement)
}

/** The same without what may be too much for the hub; what became of the desired value must get through. */
function withoutValue(one: ConfigurationAcknowledgement | undefined): ConfigurationAcknowledgement | undefined {
  if (one?.value === undefined) return one
  const { value: _, ...rest } = one
  return { ...rest, ad: one.ad ?? 'the hub refused the value' }
}
