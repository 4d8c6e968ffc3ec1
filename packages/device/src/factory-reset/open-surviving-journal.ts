import { resolve } from 'node:path'
import type { ActionDefinition } from '@iothub-dm/protocol'
import type { FileSystem } from '../journal/file-system.ts'
import { fileSurvivalStore, type SurvivalStore } from './survival-store.ts'
import { SurvivingJournal } from './surviving-journal.ts'

/** What {@link openSurvivingJournal} works with. */
export interface OpenSurvivingJournalOptions {
  readonly actions: Readonly<Record<string, ActionDefinition>>
  readonly stateDirectory: string
  /** Default: a file beside the state directory. */
  readonly store?: SurvivalStore | undefined
  readonly fileSystem?: FileSystem | undefined
  readonly onError: (error: unknown) => void
}

/**
 * Opens what survives a factory reset.
 *
 * @returns undefined when no action of the contract loses data
 * @throws PersistenceError when the store cannot be read
 */
export async function openSurvivingJournal(
  options: OpenSurvivingJournalOptions,
): Promise<SurvivingJournal | undefined> {
  const { actions, stateDirectory, fileSystem, onError } = options
  const losesData = (name: string): boolean =>
    Object.hasOwn(actions, name) && actions[name]?.effects.includes('losesData') === true
  if (!Object.keys(actions).some(losesData)) return undefined
  const store = options.store ?? fileSurvivalStore(`${resolve(stateDirectory)}.survival`, fileSystem)
  return SurvivingJournal.open({ store, losesData, onError })
}
