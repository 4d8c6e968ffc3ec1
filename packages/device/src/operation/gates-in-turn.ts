import type { AdmissionGate } from './admission-gate.ts'

/** One gate behind the other: an operation begins when it has passed all of them. */
export function gatesInTurn(gates: readonly AdmissionGate[]): AdmissionGate {
  return {
    async admit(request, context) {
      for (const gate of gates) await gate.admit(request, context)
    },
  }
}
