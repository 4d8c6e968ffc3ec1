import type { JsonObject } from '@iothub-dm/protocol'
import type { DesiredNews } from '../configuration/desired-follower.ts'
import type { Clock } from '../connection/clock.ts'
import { ConsentGate } from '../consent/consent-gate.ts'
import type { BoundConfiguration, Implementation } from '../implementation/implement.ts'
import { findMaintenanceSection } from '../maintenance/maintenance-section.ts'
import { MaintenanceWindows } from '../maintenance/maintenance-windows.ts'
import type { AdmissionGate } from '../operation/admission-gate.ts'
import { gatesInTurn } from '../operation/gates-in-turn.ts'
import type { RuntimeEnvironment } from '../operation/runtime-environment.ts'
import type { DeviceState } from '../state/device-state.ts'
import type { DeviceAgentOptions } from './device-agent-options.ts'

/** What {@link wireAdmission} works with. */
export interface AdmissionOptions {
  readonly implementation: Implementation
  readonly options: Pick<DeviceAgentOptions, 'consent' | 'random'>
  readonly state: Pick<DeviceState, 'operations' | 'configurations' | 'notes'>
  readonly environment: RuntimeEnvironment
  readonly clock: Clock
  /** What {@link Admission.report} returns has changed. */
  readonly onChange: () => void
}

/** All that decides when an operation may begin. */
export interface Admission {
  readonly gate: AdmissionGate
  /** The configurations that are a policy of the agent, by name of the section: they need no handler to be acknowledged. */
  readonly configurations: ReadonlyMap<string, BoundConfiguration>
  desiredChanged(news: DesiredNews): void
  /** What is reported beside the acknowledgement of a configuration. */
  report(configuration: string): JsonObject | undefined
  close(): void
}

/** Wires consent and maintenance windows together. */
export function wireAdmission(wiring: AdmissionOptions): Admission {
  const { implementation, options, state, environment, clock, onChange } = wiring
  const { operations, configurations, notes } = state
  const consent =
    options.consent &&
    new ConsentGate({
      consent: options.consent,
      notes,
      isUnderWay: operationId => operations.unfinished().some(log => log.operationId === operationId),
      environment,
    })
  const section = findMaintenanceSection(implementation.contract)
  const windows =
    section &&
    new MaintenanceWindows({
      section: section.name,
      applied: configurations.get(section.name).applied?.value,
      effectsOf: name => implementation.actions.get(name)?.definition.effects ?? [],
      clock,
      sleep: (delayInMs, signal) => environment.sleep(delayInMs, signal),
      random: options.random ?? Math.random,
      onChange,
    })
  const policy = section && {
    definition: section.definition,
    defaults: undefined,
    confirmWithinInMs: undefined,
    confirmBy: 'newSession' as const,
    handle: () => {},
  }
  return {
    // Consent first: who agrees need not be there any more when the window opens.
    gate: gatesInTurn([consent, windows].filter(gate => gate !== undefined)),
    configurations: new Map(section && policy ? [[section.name, policy]] : []),
    desiredChanged: news => windows?.desiredChanged(news),
    report: name => (name === section?.name ? windows?.report() : undefined),
    close: () => windows?.close(),
  }
}
