import type { PatternProgram } from '../pattern-program.ts'
import { configurationProgram } from './configuration.ts'
import { factoryResetProgram } from './factory-reset.ts'
import { firmwareUpdateProgram } from './firmware-update.ts'
import { rebootProgram, workProgram } from './reboot.ts'

/** The programs that are swept, by name. */
export const patterns: ReadonlyMap<string, PatternProgram> = new Map([
  ['work', workProgram],
  ['reboot', rebootProgram],
  ['configuration', configurationProgram],
  ['factoryReset', factoryResetProgram],
  ['firmwareUpdate', firmwareUpdateProgram],
])

/** @throws TypeError when there is none of that name */
export function patternOf(name: string): PatternProgram {
  const pattern = patterns.get(name)
  if (pattern === undefined) throw new TypeError(`no pattern '${name}'`)
  return pattern
}
