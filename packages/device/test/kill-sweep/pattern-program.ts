import assert from 'node:assert/strict'
import {
  type Contract,
  isOperationState,
  isTerminalState,
  type JsonObject,
  type JsonValue,
  operationSection,
} from '@iothub-dm/protocol'
import type { MethodAnswer } from '../../src/connection/hub-connection.ts'
import type { Implementation } from '../../src/implementation/implement.ts'
import type { OperationLog } from '../../src/operation/operation-log.ts'

/** The operation that every life is asked for. */
export const operationId = 'op'

/** What a program does with the device that it runs on. */
export interface ProgramWorld {
  /** A folder of the device beside the state directory. */
  readonly folder: string
  /** The state directory. */
  readonly stateDirectory: string
  readonly bootId: string
  /**
   * Notes what is done to the world; the process can be killed right before.
   *
   * @param name that of the step, where it is done in one
   * @param attempt where it is known
   */
  effect(name: string, attempt?: number): void
  /** Ends this life; the next one begins in another boot. */
  restart(): never
}

/** Something that was done to the world. */
export interface Effect {
  readonly name: string
  /** 0 where it was not known. */
  readonly attempt: number
}

/** How the lives of a device ended. */
export interface SweepEnd {
  readonly reported: JsonObject
  /** What the journal says of the operation; undefined for a program without one. */
  readonly log: OperationLog | undefined
  readonly effects: readonly Effect[]
  readonly folder: string
  /** How many boots the device has had. */
  readonly boots: number
  /** Whether the process was once killed after it had told the device to restart, and before the device did. */
  readonly killedInRestart: boolean
}

/** A device that carries out one pattern; swept by killing it everywhere. */
export interface PatternProgram {
  readonly contract: Contract
  implementation(world: ProgramWorld): Implementation
  /** What a back end has set. */
  readonly desired: JsonObject
  /** What the back end asks for in every life: it cannot know whether it was heard. */
  ask(call: (methodName: string, payload: JsonValue) => Promise<MethodAnswer>): Promise<void>
  /** Whether everything that was asked for is over, by the reported properties. */
  isOver(reported: JsonObject): boolean
  /** Holds what everybody was told against what became of the device; throws where they differ. */
  verify(end: SweepEnd): void
  /** Lives that a run may take beyond those of an undisturbed one and those that kills end. */
  readonly extraLives: number
}

/** The parts of a program that begins an operation by its method. */
export function beginsOperation(
  action: string,
  request: JsonObject = {},
): Pick<PatternProgram, 'desired' | 'ask' | 'isOver'> {
  return {
    desired: {},
    async ask(call) {
      const answer = await call(action, { ...request, operationId })
      assert.ok(isFine(answer), JSON.stringify(answer))
    },
    isOver: reported => {
      const { state } = operationSection(reported, action)
      return isOperationState(state) && isTerminalState(state)
    },
  }
}

/** Whether an operation was accepted, or is known already. */
export function isFine({ status }: MethodAnswer): boolean {
  return status === 200 || status === 202
}
