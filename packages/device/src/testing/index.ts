export { type CrashKit, type CrashKitOptions, crashKit } from './crash-kit.ts'
export type {
  CrashReport,
  CrashRun,
  CrashViolation,
  CrashViolationKind,
  FoundViolation,
} from './crash-report.ts'
export type { EffectPromise, RecordedEffect } from './effect-ledger.ts'
export type { Kill, KillKind } from './kill.ts'
export type { SimulatedDevice } from './simulated-device.ts'
export type { SweepOptions } from './sweep.ts'
