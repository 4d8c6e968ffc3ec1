import {
  type AcknowledgementStyle,
  createMergePatch,
  encodeAcknowledgement,
  encodeConfigurationStatus,
  type JsonObject,
  sameJson,
} from '@iothub-dm/protocol'
import type { ConfigurationReport } from '../configuration/acknowledge.ts'
import type { ReportedPart } from './reported-part.ts'

/** How a configuration is reported. */
export interface ReportStyle {
  /** How it is acknowledged. Default: as Plug and Play does. */
  readonly acknowledgement?: AcknowledgementStyle | undefined
  /** What stands beside the acknowledgement. */
  readonly beside?: JsonObject | undefined
}

/**
 * The configurations in the reported properties: the acknowledgement of each, in the section of its name.
 *
 * @param acknowledgements by configuration; undefined: nothing of it is to be reported
 */
export function configurationsPart(
  acknowledgements: () => ReadonlyMap<string, ConfigurationReport | undefined>,
  styleOf: (name: string) => ReportStyle = () => ({}),
): ReportedPart {
  return {
    draft(reported) {
      const wanted = [...acknowledgements()]
      const full = wanted.map(([name, one]) => {
        const reduced = encode(withoutValue(one), styleOf(name))
        // What the hub has refused once, in this life or an earlier one, is not sent again.
        return [name, sameJson(reported[name], reduced) ? reduced : encode(one, styleOf(name))] as const
      })
      const reduced = wanted.map(([name, one]) => [name, encode(withoutValue(one), styleOf(name))] as const)
      const patches = [full, reduced].map(some =>
        createMergePatch(reported, { ...reported, ...Object.fromEntries(some) }),
      )
      return { patches, confirm: async () => {} }
    },
  }
}

function encode(report: ConfigurationReport | undefined, style: ReportStyle): JsonObject | undefined {
  if (report === undefined) return undefined
  const { acknowledgement, beside } = style
  return {
    ...beside,
    ...(acknowledgement === 'status' ? encodeConfigurationStatus(report) : encodeAcknowledgement(report)),
  }
}

/** The same without what may be too much for the hub; what became of the desired value must get through. */
function withoutValue(one: ConfigurationReport | undefined): ConfigurationReport | undefined {
  if (one === undefined || (one.value === undefined && one.inUse === undefined && one.desired === undefined)) return one
  const { value: _, ...rest } = one
  return { ...rest, inUse: undefined, desired: undefined, ad: one.ad ?? 'the hub refused the value' }
}
